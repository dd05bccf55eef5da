// SPDX-License-Identifier: Apache-2.0
// What is left of a recording after kill -9, on disks that are full, read-only or gone.
#include "datasets/recorder.h"
#include "datasets/verify_recording.h"
#include "tests/datasets/recordings.h"

#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace fovea;
using namespace fovea::test;

namespace {

using std::chrono::milliseconds;

constexpr PlaneShape shape{100, 40};
constexpr std::uint32_t rate = 5000;
constexpr std::uint32_t perBlock = rate / 100;  // 10 ms

// Planes [first, first + perBlock) of a scene without end.
SpikeBlock blockAt(std::uint64_t first) {
    SpikeBlock block(shape, perBlock);
    block.begin(first, rate);
    for (std::uint32_t i = 0; i < perBlock; ++i) {
        std::uint64_t *words = block.append();
        std::fill_n(words, shape.wordStride(), std::uint64_t{0});
        words[(first + i) % 60] = (first + i) * 0x9E3779B97F4A7C15U;
    }
    return block;
}

RecorderSink recorderAt(const std::filesystem::path &path, PackingWish packing) {
    RecorderOptions options;
    options.path = path;
    options.packing = packing;
    return RecorderSink(options);
}

SourceInfo camera() {
    SourceInfo info;
    info.shape = shape;
    info.planeRateHz = rate;
    info.live = true;
    return info;
}

// Records as a camera of `rate` would until it is killed; says on `said` how far it came.
[[noreturn]] void recordForever(const std::filesystem::path &path, PackingWish packing, int said) {
    RecorderSink sink = recorderAt(path, packing);
    if (!sink.begin(camera()))
        ::_exit(1);
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint64_t plane = 0;; plane += perBlock) {
        std::this_thread::sleep_until(begin + std::chrono::microseconds(plane * 1'000'000 / rate));
        const std::uint64_t done = plane + perBlock;
        if (!sink.write(blockAt(plane)) || ::write(said, &done, sizeof done) != sizeof done)
            ::_exit(1);
    }
}

struct Killed {
    std::uint64_t given = 0;  ///< planes that write() had taken 100 ms before
    std::filesystem::path file;
};

Killed killAfter(milliseconds wait, const std::filesystem::path &path, PackingWish packing) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_NONBLOCK) == 0);
    const pid_t child = ::fork();
    if (child == 0)
        recordForever(path, packing, ends[1]);
    const auto read = [&](std::uint64_t &last) {
        std::uint64_t done = 0;
        while (::read(ends[0], &done, sizeof done) == sizeof done)
            last = done;
    };
    Killed killed;
    for (int i = 0; i < 3000 && killed.given == 0;
         ++i, std::this_thread::sleep_for(milliseconds{5}))
        read(killed.given);
    std::this_thread::sleep_for(wait);
    read(killed.given);
    // A busy box may hold the child's threads up: then it gets the time that they were held.
    std::this_thread::sleep_for(milliseconds{static_cast<int>(100 * slowness())});
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    ::close(ends[0]);
    ::close(ends[1]);
    killed.file = packedPath(path, packing == PackingWish::Zstd ? Packing::Zstd : Packing::None);
    killed.file += ".part";
    return killed;
}

void killRounds(int rounds) {
    TemporaryFolder folder;
    std::uint64_t most = 0;
    int opened = 0;
    for (int round = 0; round < rounds; ++round) {
        const PackingWish packing = round % 2 == 0 ? PackingWish::None : PackingWish::Zstd;
        const milliseconds wait{randomAt(1, 2, static_cast<std::uint64_t>(round)) % 400};
        const Killed killed = killAfter(wait, folder / fmt::format("a{}.dat", round), packing);
        const auto file = SpikeFile::open(killed.file);
        REQUIRE(file);
        ++opened;
        CHECK_FALSE(file->info().descriptor->closed);
        CHECK(file->info().warnings.front().find("not closed") != std::string::npos);
        const auto read = readPlanes(*file);
        REQUIRE(read);
        const std::uint64_t there = read->planeCount();
        most = std::max(most, killed.given - std::min(killed.given, there));
        CHECK(there >= killed.given);
        for (std::uint32_t i = 0; i < there; ++i)
            REQUIRE(samePlane(*read, i, blockAt(i - i % perBlock), i % perBlock));
        const auto checked = verifyRecording(file->info(), [](std::uint64_t) { return true; });
        REQUIRE(checked);
        CHECK(checked->damaged.empty());
    }
    WARN("C4: " << opened << " of " << rounds << " killed recordings opened as not closed; at most "
                << most << " planes older than 100 ms were missing");
}

// Runs `body` where it may mount: its exit status, or nothing when that is not allowed here.
template <class Body> std::optional<int> withOwnMounts(Body body) {
    const pid_t child = ::fork();
    if (child == 0) {
        const bool may = ::unshare(CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
        if (!may || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
            ::_exit(77);
        ::_exit(body());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status) == 77 ? std::nullopt : std::optional(WEXITSTATUS(status));
}

// Records until an error comes, and checks what it says and what is left. 0 when all is well.
int recordUntilError(const std::filesystem::path &path, const std::string &wanted,
                     const std::function<void(int block)> &between) {
    RecorderSink sink = recorderAt(path, PackingWish::None);
    Result<void> done = sink.begin(camera());
    for (int i = 0; done && i < 3000; ++i) {
        done = sink.write(blockAt(static_cast<std::uint64_t>(i) * perBlock));
        between(i);
    }
    const auto finished = sink.finish();
    const std::string said = done ? std::string("nothing") : done.error().message;
    if (said.find(wanted) == std::string::npos) {
        fmt::print(stderr, "wanted '{}', was told '{}'\n", wanted, said);
        return 1;
    }
    if (sink.recordings().empty())
        return 0;
    const auto file = SpikeFile::open(sink.recordings().front());
    if (!file || file->info().descriptor->closed ||
        file->info().warnings.front().find("the disk took no more") == std::string::npos)
        return 4;
    const auto checked = verifyRecording(file->info(), [](std::uint64_t) { return true; });
    if (!checked || !checked->damaged.empty() || checked->uncheckedPlanes > 0)
        return 5;
    const auto read =
        file ? readPlanes(*file) : Result<SpikeBlock>(tl::make_unexpected(file.error()));
    for (std::uint32_t i = 0; read && i < read->planeCount(); ++i)
        if (!samePlane(*read, i, blockAt(i - i % perBlock), i % perBlock))
            return 2;
    return read && read->planeCount() > 0 && finished ? 0 : 3;
}

}  // namespace

TEST_CASE("C4: kill -9 leaves a recording that opens") {
    killRounds(sanitized ? 2 : 6);
}

TEST_CASE("C4: kill -9 at 50 random moments", "[.soak]") {
    killRounds(50);
}

TEST_CASE("C5: a full disk, a read-only folder and a folder that is gone are told apart") {
    const TemporaryFolder folder;
    const auto disk = folder / "disk";
    std::filesystem::create_directory(disk);
    const auto nothing = [](int) {};
    const auto full = withOwnMounts([&] {
        if (::mount("none", disk.c_str(), "tmpfs", 0, "size=1m") != 0)
            return 77;
        return recordUntilError(disk / "a.dat", "the disk is full", nothing);
    });
    const auto readOnly = withOwnMounts([&] {
        if (::mount("none", disk.c_str(), "tmpfs", MS_RDONLY, "size=1m") != 0)
            return 77;
        return recordUntilError(disk / "a.dat", "is read-only", nothing);
    });
    const auto pulled = withOwnMounts([&] {
        if (::mount("none", disk.c_str(), "tmpfs", 0, "size=64m") != 0)
            return 77;
        return recordUntilError(disk / "a.dat", "is gone", [&](int block) {
            if (block == 10)
                ::umount2(disk.c_str(), MNT_DETACH);
            std::this_thread::sleep_for(milliseconds{2});
        });
    });
    if (!full || !readOnly || !pulled) {
        WARN("C5: this process may not mount: full, read-only and pulled disks are skipped");
    } else {
        CHECK(*full == 0);
        CHECK(*readOnly == 0);
        CHECK(*pulled == 0);
        WARN("C5: full, read-only and pulled disk: three messages, what was written is kept");
    }
    CHECK(recordUntilError(disk / "absent" / "a.dat", "is gone", nothing) == 0);
    CHECK(recordUntilError(disk / "b.dat", "is gone", [&](int block) {
              if (block == 10)
                  std::filesystem::remove_all(disk);
              std::this_thread::sleep_for(milliseconds{2});
          }) == 0);
}

TEST_CASE("C6: a second recording of the same name takes another one") {
    TemporaryFolder folder;
    for (const char *name : {"a.dat", "a-1.dat", "a-2.dat"}) {
        RecorderSink sink = recorderAt(folder / "a.dat", PackingWish::None);
        REQUIRE(sink.begin(camera()));
        REQUIRE(sink.write(blockAt(0)));
        REQUIRE(sink.finish());
        CHECK(sink.recordings().front() == folder / name);
    }
    WARN("C6: 3 recordings of one name, 3 files, none overwritten");
}
