// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/detail/disk.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hsl::adapters {
namespace {

Disk* in_use = nullptr;

int error_of(int status) { return status == 0 ? 0 : errno; }

}  // namespace

int Disk::make(const std::filesystem::path& path, FileHandle& file) {
    file = FileHandle{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
    return file.is_open() ? 0 : errno;
}

int Disk::write(const FileHandle& file, std::string_view bytes) {
    return write_all(file.get(), bytes);
}

int Disk::sync(const FileHandle& file) { return error_of(::fsync(file.get())); }

int Disk::rename(const std::filesystem::path& from, const std::filesystem::path& to) {
    return error_of(std::rename(from.c_str(), to.c_str()));
}

int Disk::remove(const std::filesystem::path& path) { return error_of(::unlink(path.c_str())); }

int Disk::make_folder(const std::filesystem::path& path) {
    return error_of(::mkdir(path.c_str(), 0777));
}

int Disk::sync_folder(const std::filesystem::path& folder) {
    const FileHandle file{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    return file.is_open() ? error_of(::fsync(file.get())) : errno;
}

Disk& disk() {
    static Disk system;
    return in_use != nullptr ? *in_use : system;
}

void use_disk(Disk* other) { in_use = other; }

}  // namespace hsl::adapters
