// A build without the HDF5 library.
#include <stationhit/core/errors.hpp>
#include <stationhit/hdf5_io/padded_file.hpp>

namespace stationhit::hdf5_io {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path) {
  throw core::DataError(path.string() +
                        ": is an HDF5 file, and this program was built without the HDF5 library; "
                        "install it (Debian: libhdf5-dev) and build again, or give the ROOT ntuple "
                        "that the file was made from");
}

}  // namespace

struct PaddedFile::Impl {
  std::vector<std::string> columns;
  std::vector<float> values;
};

PaddedFile::PaddedFile(const std::filesystem::path& path) { refuse(path); }
PaddedFile::~PaddedFile() = default;
std::uint64_t PaddedFile::events() const { return 0; }
const std::vector<std::string>& PaddedFile::columns(PaddedTable) const { return impl_->columns; }
bool PaddedFile::has_event_numbers() const { return false; }
std::uint64_t PaddedFile::buffer_bytes() const { return 0; }
std::vector<float>& PaddedFile::read(PaddedTable, std::size_t, std::uint64_t) {
  return impl_->values;
}
std::uint64_t PaddedFile::event_number(std::uint64_t) { return 0; }

std::vector<DatasetDescription> list_datasets(const std::filesystem::path& path) { refuse(path); }

}  // namespace stationhit::hdf5_io
