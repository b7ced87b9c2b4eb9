// Objects of the HDF5 library that are closed by themselves, its lock and its messages. Private to
// the module.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <utility>

#include <hdf5.h>

namespace stationhit::hdf5_io {

// Held during all calls of the library, which is not made for several threads in every build. While
// it exists, the library prints nothing on this thread.
class LibraryLock {
 public:
  LibraryLock();

 private:
  std::lock_guard<std::mutex> lock_;
};

class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept
      : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  [[nodiscard]] hid_t id() const { return id_; }
  [[nodiscard]] bool is_open() const { return id_ >= 0; }
  void reset() {
    if (is_open()) close_(id_);
    id_ = H5I_INVALID_HID;
  }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

// The cause of the last failure on this thread, as the library says it.
[[nodiscard]] std::string failure_text();

// Opens for reading. Throws DataError naming the path.
[[nodiscard]] Handle open_file(const std::filesystem::path& path);

}  // namespace stationhit::hdf5_io
