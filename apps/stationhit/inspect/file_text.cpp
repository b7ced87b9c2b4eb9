#include <cstdio>

#include <nlohmann/json.hpp>

#include <stationhit/core/json_text.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/text_encoding.hpp>

#include "description_text.hpp"

namespace stationhit::app {
namespace {

// "12.3 kB"
std::string bytes_text(std::uint64_t bytes) {
  const auto n = static_cast<double>(bytes);
  char text[32];
  if (bytes < 1000) return std::to_string(bytes) + " B";
  std::snprintf(text, sizeof text, n < 1e6 ? "%.1f kB" : "%.1f MB", n / (n < 1e6 ? 1e3 : 1e6));
  return text;
}

template <class Size>
std::string shape_text(const std::vector<Size>& shape) {
  std::string text;
  for (const Size& size : shape) {
    if (!text.empty()) text += ", ";
    if constexpr (std::is_integral_v<Size>) {
      text += std::to_string(size);
    } else {
      text += size;
    }
  }
  return "[" + text + "]";
}

// The text as JSON; a discarded value where it is none, or is so deep that no key would be shown.
nlohmann::ordered_json parse_shallow(const std::string& text) {
  if (core::find_excessive_depth(text))
    return nlohmann::ordered_json(nlohmann::ordered_json::value_t::discarded);
  return nlohmann::ordered_json::parse(text, nullptr, false);
}

// A metadata value: JSON objects key by key, everything else as it is; long values are cut.
std::string metadata_text(const std::string& key, const std::string& value) {
  constexpr std::size_t longest = 200;
  const auto shortened = [](const std::string& text) {
    return core::printable_line(text.size() > longest ? text.substr(0, longest) + " ..." : text);
  };
  const auto document = parse_shallow(value);
  if (!document.is_object()) return "  " + key + ": " + shortened(value) + "\n";
  std::string text = "  " + key + ":\n";
  for (const auto& [name, entry] : document.items()) {
    if (entry.is_string() && entry.get<std::string>().find('\n') != std::string::npos) {
      text += "    " + name + ": (" + std::to_string(entry.get<std::string>().size()) +
              " bytes of text)\n";
    } else {
      text += "    " + name + ": " + shortened(entry.dump()) + "\n";
    }
  }
  return text;
}

std::string values_text(const char* title, const std::vector<onnx_file::ValueInfo>& values) {
  std::string text;
  for (const onnx_file::ValueInfo& value : values)
    text += std::string("  ") + title + " " + value.name + ": " + value.type + " " +
            shape_text(value.shape) + "\n";
  return text;
}

std::string integrity_text(onnx_file::Integrity integrity) {
  switch (integrity) {
    case onnx_file::Integrity::unchanged:
      return "fits: the model is as it was written";
    case onnx_file::Integrity::changed:
      return "does not fit: the model was changed after it was written";
    case onnx_file::Integrity::unknown:
      break;
  }
  return "none: changes go unnoticed";
}

}  // namespace

std::string file_text(const workflow::TensorFile& file) {
  std::string text = std::string(file.is_checkpoint ? "checkpoint" : "safetensors file") + ": " +
                     std::to_string(file.tensors.size()) + " tensors, " +
                     std::to_string(file.elements) + " numbers, " + bytes_text(file.bytes) + "\n";
  for (const auto& [key, value] : file.metadata) text += metadata_text(key, value);
  for (const workflow::StoredTensor& tensor : file.tensors)
    text += "  " + tensor.name + ": " + tensor.type + " " + shape_text(tensor.shape) + "\n";
  return text;
}

std::string file_text(const onnx_file::ModelFile& model) {
  std::uint64_t nodes = 0;
  std::string operators;
  for (const auto& [name, count] : model.operators) {
    nodes += count;
    operators += (operators.empty() ? "" : ", ") + name + " " + std::to_string(count);
  }
  std::string text = "ONNX model: opset " + std::to_string(model.opset) + ", IR version " +
                     std::to_string(model.ir_version) + ", made by " +
                     (model.producer.empty() ? "an unnamed producer" : model.producer) + ", " +
                     bytes_text(model.file_bytes) + "\n";
  text += values_text("input", model.inputs) + values_text("output", model.outputs);
  text += "  " + std::to_string(nodes) + " operators: " + operators + "\n";
  text += "  parameters: " + bytes_text(model.parameter_bytes()) + " in " +
          std::to_string(model.initializers.size()) + " tensors\n";
  text += "  checksum " + integrity_text(model.integrity) + "\n";
  for (const auto& [key, value] : model.metadata) text += metadata_text(key, value);
  for (const std::string& problem : model.problems) text += "  problem: " + problem + "\n";
  return text;
}

std::string file_text(const core::RootFileDescription& file) {
  std::string text = file.kind + ", " + bytes_text(file.bytes) + "\n";
  if (!file.was_closed) text += "not closed by its writer: events behind these are lost\n";
  for (const core::ObjectDescription& object : file.objects) {
    text += object.kind + " " + object.name;
    if (!object.columns.empty() || object.entries > 0)
      text += ": " + std::to_string(object.entries) + " entries";
    text += "\n";
    for (const core::ColumnDescription& column : object.columns)
      text += "  " + column.name + ": " + column.type + "\n";
  }
  return text;
}

}  // namespace stationhit::app
