// The card of a model: what it was trained on, what it needs, how well it does and what it is for.
// An exported file carries it in its metadata (key "card"); an int8 file has that of the float32
// file it was made from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace stationhit::workflow {

// The card and the other metadata of a model of this program in Markdown; `title` heads it. Throws
// DataError naming the file: no ONNX model, one without the metadata of this program, a value that
// is damaged.
[[nodiscard]] std::string model_card_markdown(const std::filesystem::path& file,
                                              const std::string& title);

// A line of a list of models.
struct ModelSummary {
  std::string network;           // "two_stage, int8"
  std::uint64_t parameters = 0;  // 0 if the file does not describe its network
  // At 99 % hit efficiency of the test sample; "float32: 0.7" for an int8 file, whose card is that
  // of the float32 file; "-" if not recorded.
  std::string purity;
};

// Throws DataError like model_card_markdown.
[[nodiscard]] ModelSummary summarize_model(const std::filesystem::path& file);

}  // namespace stationhit::workflow
