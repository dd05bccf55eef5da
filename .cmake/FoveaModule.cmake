# SPDX-License-Identifier: Apache-2.0
# How a folder becomes a library, a program or tests.

# Merged files (see fovea_merge) lie in each other's scope, where names of files are no shadows, and
# are no main file, which gcc asks the types of unnamed namespaces to be of.
set(shadow -Wshadow)
if(FOVEA_MERGE AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    set(shadow -Wshadow=local -Wno-subobject-linkage)
elseif(FOVEA_MERGE)
    set(shadow)
endif()
add_library(fovea_flags INTERFACE)
target_include_directories(fovea_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(fovea_flags INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wconversion>
    "$<$<COMPILE_LANGUAGE:CXX>:${shadow}>")
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # gcc 12 sees overlaps where a literal is joined with a std::string (GCC bug 105651).
    target_compile_options(fovea_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    # Clang counts this among -Wconversion, gcc does not: both shall ask for the same.
    target_compile_options(fovea_flags INTERFACE -Wno-sign-conversion)
endif()
if(FOVEA_WARNINGS_AS_ERRORS)
    target_compile_options(fovea_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()
if(FOVEA_SANITIZE)
    target_compile_options(fovea_flags INTERFACE -fsanitize=${FOVEA_SANITIZE}
        -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(fovea_flags INTERFACE -fsanitize=${FOVEA_SANITIZE})
    if(FOVEA_SANITIZE MATCHES undefined)
        # Where a pointer leads is the address sanitizer's to find; checking each sum takes as long
        # as all else together in vector loops.
        target_compile_options(fovea_flags INTERFACE -fno-sanitize=pointer-overflow)
    endif()
    # The sanitizers' own code confuses gcc's look at what is set; plain builds keep the warning.
    target_compile_options(fovea_flags INTERFACE
        $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    if(FOVEA_SANITIZE MATCHES thread)
        # Fences are not understood by the thread sanitizer; gcc warns where libraries use them.
        target_compile_options(fovea_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
    endif()
endif()

# Outside the loops over words and bytes, null pointers are the address sanitizer's to find and
# nothing is read at odd addresses: these checks are left out there, a third of the build's time.
# Programs, window and tests only call what does the work: they are compiled without checks for
# undefined behaviour, tests without line numbers, which is half of their time.
set(coarse)
set(calling)
if(FOVEA_SANITIZE MATCHES undefined)
    set(coarse -fno-sanitize=null,alignment,vptr,object-size)
    set(calling -fno-sanitize=undefined)
endif()

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
    set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
    target_link_options(fovea_flags INTERFACE -fuse-ld=mold)
endif()

# fovea_cold(target): nothing in it runs more than a thousand times a second, so it is compiled
# quickly rather than well. At -O1 gcc 12 takes some values of std::optional for not set.
function(fovea_cold target)
    target_compile_options(${target} PRIVATE ${calling} $<$<CONFIG:Release>:-O1>
        $<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU>>:-Wno-maybe-uninitialized>)
endfunction()

# fovea_precompile(target headers...): compiles the headers that most files of the target read, and
# those given, once; merged files gain nothing by it. Files still include what they use:
# FOVEA_PRECOMPILE=OFF builds them all.
function(fovea_precompile target)
    if(FOVEA_PRECOMPILE AND NOT FOVEA_MERGE)
        target_precompile_headers(${target} PRIVATE <fmt/format.h> <tl/expected.hpp> <algorithm>
            <chrono> <functional> <memory> <optional> <span> <string> <vector> ${ARGN})
    endif()
endfunction()

# fovea_merge(target): compiles several of the target's files as one, so that what all of them read
# is read once: a third of the time when everything is built, more when one file changed (hence not
# in the preset dev). So no name stands in the unnamed namespaces of two files of a folder. Kernels
# are compiled alone, once for each kind of processor.
function(fovea_merge target)
    if(NOT FOVEA_MERGE)
        return()
    endif()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    get_target_property(sources ${target} SOURCES)
    foreach(source IN LISTS sources)
        if(source MATCHES "[.]cpp$")
            file(STRINGS ${source} kernels REGEX "#include <hwy/foreach_target.h>" LIMIT_COUNT 1)
            if(kernels)
                set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
            endif()
        endif()
    endforeach()
endfunction()

# The program starts without a driver: the runtime is linked in and looks for it when asked.
set(CMAKE_CUDA_RUNTIME_LIBRARY Static)
# Rounding as on the CPU (no fused multiply-add), and constexpr functions in kernels.
set(FOVEA_CUDA_OPTIONS -fmad=false --expt-relaxed-constexpr)

# fovea_module(name [HOT] [PUBLIC libs...] [PRIVATE libs...]): a static library from this folder's
# *.cpp, merged, and *.cu. Without CUDA the latter are compiled as C++: what they hold for the CPU is
# there anyway. HOT: it has loops over pixels or bytes, which sanitizer builds optimise too; the rest
# they compile at -O0, in half the time.
function(fovea_module name)
    cmake_parse_arguments(ARG "HOT" "" "PUBLIC;PRIVATE" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    file(GLOB kernels CONFIGURE_DEPENDS *.cu)
    if(kernels AND FOVEA_HAVE_CUDA)
        set_source_files_properties(${kernels} PROPERTIES COMPILE_OPTIONS "${FOVEA_CUDA_OPTIONS}")
    elseif(kernels)
        set_source_files_properties(${kernels} PROPERTIES LANGUAGE CXX SKIP_PRECOMPILE_HEADERS ON)
    endif()
    list(APPEND sources ${kernels})
    file(GLOB headers CONFIGURE_DEPENDS *.h *.cuh)
    if(sources)
        add_library(fovea_${name} STATIC ${sources} ${headers})
        target_link_libraries(fovea_${name} PUBLIC fovea_flags ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
        if(NOT ARG_HOT)
            target_compile_options(fovea_${name} PRIVATE ${coarse})
        elseif(FOVEA_SANITIZE)
            target_compile_options(fovea_${name} PRIVATE -O1)
        endif()
        fovea_merge(fovea_${name})
        list(LENGTH sources files)
        if(files GREATER 4)
            fovea_precompile(fovea_${name})
        endif()
    else()
        add_library(fovea_${name} INTERFACE)
        target_link_libraries(fovea_${name} INTERFACE fovea_flags ${ARG_PUBLIC} ${ARG_PRIVATE})
    endif()
    add_library(fovea::${name} ALIAS fovea_${name})
endfunction()

# fovea_program(name libs...): a program from this folder's *.cpp, merged.
function(fovea_program name)
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    add_executable(${name} ${sources})
    fovea_merge(${name})
    target_link_libraries(${name} PRIVATE ${ARGN})
    fovea_cold(${name})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()

# fovea_tests(folder LIBS libs... [LABEL label] [TIMEOUT seconds] [WRAPPER program]
# [NO_THREADS | POOL_THREADS]): one test program from tests/<folder>/*.cpp, merged, started by the
# wrapper if there is one; ctest lists one test for every *_test.cpp, named after it
# ("engine/core/plane_bits"),
# without its hidden cases (soak), and under sanitizers without those tagged [long], which lead whole
# recordings through what other cases have shown them. Time limits grow with FOVEA_SANITIZE.
# Tests are compiled at -O1 in release builds, at -O0 under sanitizers.
# NO_THREADS: nothing here runs on more than one thread, so the thread sanitizer has nothing to look
# for and leaves it out; POOL_THREADS: only the files that name a TilePool do, the rest is left out.
function(fovea_tests folder)
    cmake_parse_arguments(ARG "NO_THREADS;POOL_THREADS" "LABEL;TIMEOUT;WRAPPER" "LIBS" ${ARGN})
    set(here ${PROJECT_SOURCE_DIR}/tests/${folder})
    set_property(GLOBAL APPEND PROPERTY FOVEA_TEST_FOLDERS tests/${folder})
    file(GLOB sources CONFIGURE_DEPENDS ${here}/*.cpp ${here}/*.h)
    set(tests ${sources})
    list(FILTER tests INCLUDE REGEX "_test[.]cpp$")
    if(ARG_POOL_THREADS AND FOVEA_SANITIZE MATCHES thread)
        foreach(test IN LISTS tests)
            file(STRINGS ${test} pools REGEX TilePool LIMIT_COUNT 1)
            if(NOT pools)
                list(REMOVE_ITEM tests ${test})
                list(REMOVE_ITEM sources ${test})
            endif()
        endforeach()
    endif()
    if(NOT tests OR (ARG_NO_THREADS AND FOVEA_SANITIZE MATCHES thread))
        return()
    endif()
    string(REPLACE "/" "_" target "${folder}")
    set(target ${target}_tests)
    add_executable(${target} ${sources})
    target_link_libraries(${target} PRIVATE fovea_test_support ${ARG_LIBS})
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        # The same false alarm as above under other names.
        target_compile_options(${target} PRIVATE -Wno-stringop-overflow -Wno-array-bounds)
    endif()
    target_compile_options(${target} PRIVATE ${calling} $<$<CONFIG:Release>:-O0>)
    if(FOVEA_SANITIZE)
        target_compile_options(${target} PRIVATE -g0)
    endif()
    fovea_merge(${target})
    list(LENGTH tests files)
    if(files GREATER 4)
        fovea_precompile(${target} <catch2/catch.hpp>)
    endif()
    if(NOT ARG_LABEL)
        set(ARG_LABEL unit)
    endif()
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 300)
    endif()
    if(FOVEA_SANITIZE)
        math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 3")
    endif()
    set(short)
    if(FOVEA_SANITIZE)
        set(short "~[long]")
    endif()
    foreach(source IN LISTS tests)
        get_filename_component(stem ${source} NAME_WE)
        string(REGEX REPLACE "_test$" "" name ${folder}/${stem})
        add_test(NAME ${name}
            COMMAND ${ARG_WRAPPER} $<TARGET_FILE:${target}> --filenames-as-tags --warn NoTests
                "[#${stem}]~[.]${short}")
        set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL}
            TIMEOUT ${ARG_TIMEOUT})
    endforeach()
endfunction()

# Writes the folders that fovea_tests() names, and those given for parts that are not built, into
# test_folders.txt: a test looks there for test files that would never run.
function(fovea_write_test_folders)
    get_property(folders GLOBAL PROPERTY FOVEA_TEST_FOLDERS)
    list(APPEND folders ${ARGN})
    list(JOIN folders "\n" text)
    file(WRITE ${PROJECT_BINARY_DIR}/test_folders.txt "${text}\n")
endfunction()
