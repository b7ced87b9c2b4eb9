// The mapping outlives the descriptor, which is closed at once. Pages are read when they are first
// touched. A file that another process shortens meanwhile would end the program, which is why this
// project replaces files by renaming.
#include "mapped_file.hpp"

#include <cerrno>
#include <cstring>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/input_files.hpp>

namespace stationhit::data {

MappedFile::MappedFile(const std::filesystem::path& path) {
  const int file = core::open_input_file(path);
  struct stat status {};
  void* memory = nullptr;
  const bool is_known = ::fstat(file, &status) == 0;
  if (is_known && status.st_size > 0)
    memory =
        ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE, file, 0);
  const int error = errno;
  ::close(file);
  if (!is_known || memory == MAP_FAILED)
    throw core::DataError(path.string() +
                          ": cannot be mapped into memory: " + std::strerror(error));
  bytes_ = {static_cast<const std::byte*>(memory), static_cast<std::size_t>(status.st_size)};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void MappedFile::drop_pages() const {
  // A failure changes nothing but the memory that is in use.
  if (!bytes_.empty())
    ::madvise(const_cast<std::byte*>(bytes_.data()), bytes_.size(), MADV_DONTNEED);
}

}  // namespace stationhit::data
