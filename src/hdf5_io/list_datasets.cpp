#include <stationhit/hdf5_io/padded_file.hpp>

#include "hdf5_dataset.hpp"

namespace stationhit::hdf5_io {
namespace {

constexpr std::size_t most_listed = 100;

herr_t add_name(hid_t, const char* name, const H5L_info_t*, void* names) {
  auto& list = *static_cast<std::vector<std::string>*>(names);
  list.emplace_back(name);
  return list.size() < most_listed ? 0 : 1;
}

bool is_dataset(const Handle& file, const std::string& name) {
  H5L_info_t link{};
  if (H5Lget_info(file.id(), name.c_str(), &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD)
    return false;
  const Handle object(H5Oopen(file.id(), name.c_str(), H5P_DEFAULT), H5Oclose);
  return object.is_open() && H5Iget_type(object.id()) == H5I_DATASET;
}

}  // namespace

std::vector<DatasetDescription> list_datasets(const std::filesystem::path& path) {
  const LibraryLock lock;
  const Handle file = open_file(path);
  std::vector<std::string> names;
  H5Literate(file.id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add_name, &names);
  std::vector<DatasetDescription> datasets;
  for (const std::string& name : names) {
    if (!is_dataset(file, name)) continue;
    const auto dataset = Dataset::find(file, name, path.string());
    if (dataset)
      datasets.push_back({name, dataset->type_text(), dataset->shape(), dataset->stored_bytes()});
  }
  return datasets;
}

}  // namespace stationhit::hdf5_io
