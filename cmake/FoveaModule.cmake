# SPDX-License-Identifier: Apache-2.0
# How a folder becomes a library, a program or tests.

add_library(fovea_flags INTERFACE)
target_include_directories(fovea_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(fovea_flags INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wconversion -Wshadow>)
if(FOVEA_WARNINGS_AS_ERRORS)
    target_compile_options(fovea_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()
if(FOVEA_SANITIZE)
    target_compile_options(fovea_flags INTERFACE -fsanitize=${FOVEA_SANITIZE}
        -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(fovea_flags INTERFACE -fsanitize=${FOVEA_SANITIZE})
    if(FOVEA_SANITIZE MATCHES thread)
        # Fences are not understood by the thread sanitizer; gcc warns where libraries use them.
        target_compile_options(fovea_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
    endif()
endif()

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
    target_link_options(fovea_flags INTERFACE -fuse-ld=mold)
endif()

# fovea_module(name [PUBLIC libs...] [PRIVATE libs...]): a static library from this folder's *.cpp.
function(fovea_module name)
    cmake_parse_arguments(ARG "" "" "PUBLIC;PRIVATE" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    file(GLOB headers CONFIGURE_DEPENDS *.h)
    if(sources)
        add_library(fovea_${name} STATIC ${sources} ${headers})
        target_link_libraries(fovea_${name} PUBLIC fovea_flags ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
    else()
        add_library(fovea_${name} INTERFACE)
        target_link_libraries(fovea_${name} INTERFACE fovea_flags ${ARG_PUBLIC} ${ARG_PRIVATE})
    endif()
    add_library(fovea::${name} ALIAS fovea_${name})
endfunction()

# fovea_program(name libs...): a program from this folder's *.cpp.
function(fovea_program name)
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE ${ARGN})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()

# fovea_tests(folder libs...): one test program from tests/<folder>/*_test.cpp; ctest lists one
# test for every file, named after it ("engine/core/plane_bits").
function(fovea_tests folder)
    cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "LIBS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/*_test.cpp)
    if(NOT sources)
        return()
    endif()
    string(REPLACE "/" "_" target "${folder}")
    set(target ${target}_tests)
    file(GLOB helpers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/*.h)
    add_executable(${target} ${sources} ${helpers})
    target_link_libraries(${target} PRIVATE fovea_test_support ${ARG_LIBS})
    if(NOT ARG_LABEL)
        set(ARG_LABEL unit)
    endif()
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 300)
    endif()
    foreach(source IN LISTS sources)
        get_filename_component(stem ${source} NAME_WE)
        string(REGEX REPLACE "_test$" "" stem ${stem})
        add_test(NAME ${folder}/${stem} COMMAND ${target} --filenames-as-tags --warn NoTests "[#${stem}_test]")
        set_tests_properties(${folder}/${stem} PROPERTIES LABELS ${ARG_LABEL}
            TIMEOUT ${ARG_TIMEOUT})
    endforeach()
endfunction()
