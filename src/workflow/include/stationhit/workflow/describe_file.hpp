// What a file or folder of this program contains.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/root_file_description.hpp>
#include <stationhit/core/unfinished_file.hpp>
#include <stationhit/data/manifest.hpp>
#include <stationhit/data/prepare_config.hpp>
#include <stationhit/features/normalization.hpp>
#include <stationhit/materialized/manifest.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/simulation/simulation_config.hpp>

namespace stationhit::workflow {

struct StoredTensor {
  std::string name;
  std::string type;  // "F32", "I64", ... as safetensors calls it
  std::vector<std::int64_t> shape;
};

// A safetensors file.
struct TensorFile {
  bool is_checkpoint = false;  // of this program
  std::uint64_t bytes = 0;
  std::uint64_t elements = 0;  // of all tensors
  std::vector<StoredTensor> tensors;
  std::map<std::string, std::string> metadata;
};

// Configurations are resolved: every key has its value.
using FileDescription = std::variant<features::NormalizationStats, config::RunConfig,
                                     data::PrepareConfig, simulation::SimulationConfig,
                                     data::SplitManifest, data::Manifest, materialized::Manifest,
                                     TensorFile, onnx_file::ModelFile, core::RootFileDescription>;

// `path` is a file, or the folder of prepared data (then its manifest.json is described). Throws
// DataError naming the path: missing, damaged, or nothing that this program knows; ConfigError for
// a YAML file with wrong keys; UsageError for a ROOT file in a build without ROOT.
// `unfinished`: of ROOT files.
[[nodiscard]] FileDescription describe_file(
    const std::filesystem::path& path,
    core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse);

}  // namespace stationhit::workflow
