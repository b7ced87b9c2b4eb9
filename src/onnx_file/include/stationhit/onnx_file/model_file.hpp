// Reads the description of an ONNX file without running it. Works for any ONNX model, not only for
// those made here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace stationhit::onnx_file {

struct ValueInfo {
  std::string name;
  std::string type;  // "float32", "int64", ...; "unknown" if the file does not say
  std::vector<std::string>
      shape;  // sizes as decimal numbers, symbols by name, "?" if the file does not say
};

struct InitializerInfo {
  std::string name;
  std::string type;
  std::vector<std::int64_t> shape;
  std::uint64_t elements = 0;
  std::uint64_t bytes = 0;  // of the values
  // The first float32 value that is not finite.
  std::optional<float> not_finite = {};
};

// Whether a model is as it was written: its checksum fits, it does not, or there is none (files of
// other programs and of versions before the checksum).
enum class Integrity { unchanged, changed, unknown };

// What to do with a model whose checksum does not fit.
enum class ChangedModel { refuse, accept };

struct ModelFile {
  std::string producer;
  std::int64_t ir_version = 0;
  std::int64_t opset = 0;  // of the standard domain
  std::uint64_t file_bytes = 0;
  std::vector<ValueInfo> inputs,
      outputs;  // inputs without those that an initializer gives a default
  std::map<std::string, std::string> metadata;
  std::map<std::string, std::uint64_t>
      operators;  // operator -> number of nodes; other domains as "domain::operator"
  std::vector<InitializerInfo> initializers;
  std::vector<std::string> problems;  // of the structure: values used before they are made, made
                                      // twice, not made; operators of other domains but that of
                                      // fused_network.hpp

  std::set<std::string> data_files;  // that hold values of initializers ("external data")
  Integrity integrity = Integrity::unknown;

  [[nodiscard]] std::uint64_t parameter_bytes() const;
};

// The content of the file. Throws DataError naming it and the next step if it cannot be read.
[[nodiscard]] std::string read_model_bytes(const std::filesystem::path& path);

// Throws DataError naming the file if it cannot be read, is not an ONNX model, or is truncated
// (even between two fields).
[[nodiscard]] ModelFile read_model(const std::filesystem::path& path);

// Reads a model from memory; `where` is used in messages. A model whose checksum does not fit is
// read too.
[[nodiscard]] ModelFile parse_model(std::string_view content, const std::string& where);

// Throws DataError naming `where` if the checksum does not fit.
void require_unchanged(const ModelFile& file, const std::string& where);

}  // namespace stationhit::onnx_file
