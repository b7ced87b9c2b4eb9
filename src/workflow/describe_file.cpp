// The kind of a file follows from its first bytes where these tell it (ROOT, safetensors), and from
// its name otherwise; that of a YAML file or a manifest from its keys.
#include <fstream>

#include <nlohmann/json.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/file_kind.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/input_files.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/data/safetensors.hpp>
#include <stationhit/workflow/describe_file.hpp>

#include "root_files.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

void require_readable(const fs::path& path) {
  core::require_input_file(path);
  if (!std::ifstream(path)) throw core::DataError(path.string() + ": cannot be read");
}

// What to inspect instead of a folder or file that only holds or is a result.
std::string suggest_file(const fs::path& path) {
  if (fs::exists(path / "checkpoints"))
    return "; this is a run directory: inspect its config.yaml or a file of its checkpoints/";
  for (const char* split : {"train", "val", "test"})
    if (fs::exists(path / split / data::manifest_file_name))
      return "; inspect one of the splits in it, such as " + (path / split).string();
  for (const char* extension : {".json", ".csv", ".html", ".md"})
    if (path.extension() == extension) return "; results are texts, read them with other programs";
  return "";
}

[[noreturn]] void reject(const fs::path& path) {
  throw core::DataError(path.string() +
                        ": not a file that this program knows; it reads ROOT files (hit ntuples, "
                        "prepared shards, scores), HDF5 files with hits, folders of prepared data "
                        "(or their manifest.json), YAML files (configurations, statistics), "
                        "checkpoints (.safetensors) and ONNX models (.onnx)" +
                        suggest_file(path));
}

FileDescription describe_yaml(const fs::path& path) {
  switch (config::recognize(path)) {
    case config::FileKind::statistics:
      return config::load_normalization_stats(path);
    case config::FileKind::run:
      return config::load<config::RunConfig>(path, {});
    case config::FileKind::preparation:
      return config::load<data::PrepareConfig>(path, {});
    case config::FileKind::simulation:
      return config::load<simulation::SimulationConfig>(path, {});
    case config::FileKind::unknown:
      break;
  }
  throw core::DataError(
      path.string() +
      ": YAML without any key of a run, prepare or simulate configuration or of a statistics file");
}

FileDescription describe_prepared(const fs::path& folder) {
  if (materialized::is_materialized_split(folder)) return materialized::read_manifest(folder);
  const fs::path manifest = folder / data::manifest_file_name;
  const auto document = core::parse_json_or_discard<nlohmann::json>(core::read_text_file(manifest),
                                                                    manifest.string());
  if (document.is_object() && document.contains("split")) return data::read_split_manifest(folder);
  return data::read_manifest(folder);
}

TensorFile describe_safetensors(const fs::path& path) {
  const data::SafetensorsFile file(path);
  TensorFile result{.is_checkpoint = file.metadata().contains("stationhit"),
                    .bytes = fs::file_size(path),
                    .tensors = {},
                    .metadata = {file.metadata().begin(), file.metadata().end()}};
  for (const std::string& name : file.names()) {
    const data::TensorView& tensor = file.at(name);
    result.elements += tensor.n_elements();
    result.tensors.push_back({name, std::string(data::dtype_name(tensor.dtype)), tensor.shape});
  }
  return result;
}

}  // namespace

FileDescription describe_file(const fs::path& path, core::UnfinishedFiles unfinished) {
  if (core::is_remote(path)) return describe_root_file(path, unfinished);
  if (!fs::exists(path))
    throw core::DataError(path.string() + ": no such file or folder; check the path");
  if (fs::is_directory(path)) {
    if (!fs::exists(path / data::manifest_file_name)) reject(path);
    return describe_prepared(path);
  }
  const std::string extension = path.extension().string();
  if (path.filename() == data::manifest_file_name) return describe_prepared(core::folder_of(path));
  if (extension == ".yaml" || extension == ".yml") return describe_yaml(path);
  if (extension == ".onnx") return onnx_file::read_model(path);
  require_readable(path);
  if (core::is_of_kind(path, core::FileKind::root) || core::is_of_kind(path, core::FileKind::hdf5))
    return describe_root_file(path, unfinished);
  if (extension == ".safetensors" || core::is_of_kind(path, core::FileKind::safetensors))
    return describe_safetensors(path);
  reject(path);
}

}  // namespace stationhit::workflow
