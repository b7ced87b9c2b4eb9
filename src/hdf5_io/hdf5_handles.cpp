#include "hdf5_handles.hpp"

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/input_files.hpp>

namespace stationhit::hdf5_io {
namespace {

std::mutex& library_mutex() {
  static std::mutex mutex;
  return mutex;
}

// The innermost entry comes first and says most.
herr_t keep_first(unsigned, const H5E_error2_t* error, void* text) {
  auto& first = *static_cast<std::string*>(text);
  if (first.empty() && error->desc != nullptr) first = error->desc;
  return 0;
}

}  // namespace

LibraryLock::LibraryLock() : lock_(library_mutex()) {
  // The setting belongs to the thread.
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

std::string failure_text() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &text);
  return text.empty() ? "no reason given" : text;
}

Handle open_file(const std::filesystem::path& path) {
  core::require_input_file(path);
  Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (!file.is_open())
    throw core::DataError(
        path.string() +
        ": not a readable HDF5 file; copy it again or recreate it (HDF5: " + failure_text() + ")");
  return file;
}

}  // namespace stationhit::hdf5_io
