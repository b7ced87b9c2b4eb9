// What is checked of prepared and materialized splits without reading ROOT files.
#include <cstdint>
#include <filesystem>
#include <string>

#include <nanobind/nanobind.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/data/checksums.hpp>
#include <stationhit/data/prepared_split.hpp>
#include <stationhit/data/safetensors.hpp>
#include <stationhit/materialized/manifest.hpp>
#include <stationhit/materialized/materialized_split.hpp>

#include "bindings.hpp"
#include "full_events.hpp"
#include "new_array.hpp"

namespace stationhit::python {
namespace {

namespace fs = std::filesystem;
using namespace nb::literals;

// The shards of a prepared split, whose manifest and files are checked.
nb::list open_prepared(const fs::path& folder) {
  const data::PreparedSplit split = data::open_split(folder);
  nb::list shards;
  for (std::size_t i = 0; i < split.n_shards(); ++i) {
    const data::ShardInfo& shard = split.manifest.shards[i];
    nb::dict entry;
    entry["path"] = split.shard_path(i);
    entry["events"] = shard.counts.events;
    entry["checksums"] = shard.columns;
    shards.append(entry);
  }
  return shards;
}

// Throws DataError naming the shard and the columns that differ from the manifest.
void verify_shard(const std::string& shard, const data::Checksums& expected,
                  const nb::dict& columns, const nb::dict& offsets) {
  const FullEvents events(columns, offsets);
  const nb::gil_scoped_release others_run;
  data::ColumnHasher hasher;
  core::Event event;
  for (std::size_t i = 0; i < events.size(); ++i) {
    events.get(i, event);
    hasher.add(event);
  }
  data::compare_checksums(expected, hasher.digest(), shard);
}

nb::list open_materialized(const fs::path& folder) {
  const materialized::MaterializedSplit split(folder);
  nb::list parts;
  for (const materialized::PartInfo& part : split.manifest().parts) {
    nb::dict entry;
    entry["path"] = folder / part.file;
    entry["checksum"] = part.checksum;
    parts.append(entry);
  }
  return parts;
}

// expected: the checksum in the manifest; empty: the content is not compared.
data::SafetensorsFile open_part(const fs::path& path, const std::string& expected) {
  data::SafetensorsFile file(path);
  if (expected.empty()) return file;
  if (file.checksum() != expected) {
    throw core::DataError(path.string() + ": has the checksum " + file.checksum() +
                          ", but the manifest says " + expected +
                          "; the part is of another set, copy the folder again");
  }
  file.verify_content();
  return file;
}

Array<const std::uint8_t> bytes_of(const data::SafetensorsFile& file, const std::string& name) {
  const std::span<const std::byte> bytes = file.at(name).bytes;
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), {bytes.size()}, nb::find(file)};
}

}  // namespace

void add_splits(nb::module_& module) {
  module.def("_open_prepared", &open_prepared, "folder"_a);
  module.def("_verify_shard", &verify_shard, "shard"_a, "expected"_a, "columns"_a, "offsets"_a);
  module.def("_open_materialized", &open_materialized, "folder"_a);
  module.def("_is_materialized", &materialized::is_materialized_split, "folder"_a);
  nb::class_<data::SafetensorsFile>(module, "_Tensors")
      .def_static("open", &open_part, "path"_a, "expected"_a)
      .def("names", &data::SafetensorsFile::names)
      .def("bytes_of", &bytes_of, "name"_a)
      .def("shape_of", [](const data::SafetensorsFile& file,
                          const std::string& name) { return file.at(name).shape; })
      .def("type_of", [](const data::SafetensorsFile& file, const std::string& name) {
        return std::string(data::dtype_name(file.at(name).dtype));
      });
}

}  // namespace stationhit::python
