// Which products lose what in int8, measured on validation events, and which of them therefore stay
// float32.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <stationhit/features/labelled_events.hpp>
#include <stationhit/inference/hit_classifier.hpp>

namespace stationhit::quantization {

// Of int8 against float32 on the same events.
struct Loss {
  double purity = 0;  // relative loss of purity, mean over the hit efficiencies between the outer
                      // working points; < 0: it gained
  double rms = 0;     // of the differences of the logits of all hits
};

struct Candidate {
  std::string name;
  double work = 1;  // multiplications per row of its input
};

struct ProductLoss {
  std::string name;
  double rms_alone = 0;   // of the logits with only this product in int8
  double work = 1;        // of the candidate
  bool in_float = false;  // it stays float32
};

struct ScanResult {
  Loss total;                         // of all products that are int8 in the end
  std::vector<ProductLoss> products;  // in the order of the file
};

// The validation events with what the scan asks of them.
class Validation {
 public:
  // Events have the features and the graph of the float32 model. Throws DataError where they have
  // no true or no background hits.
  Validation(const inference::HitClassifier& classifier,
             std::vector<features::LabelledEvent> events, unsigned threads);

  [[nodiscard]] Loss loss(const inference::OnnxModel& model) const;
  // Of the differences of the logits in the first 100 events: one product changes the purity by
  // less than events of this number can tell.
  [[nodiscard]] double rms(const inference::OnnxModel& model) const;

 private:
  // Of the first n_events events.
  [[nodiscard]] std::vector<float> scores(const inference::OnnxModel& model,
                                          std::size_t n_events) const;
  [[nodiscard]] double rms(const std::vector<float>& scores) const;
  [[nodiscard]] std::vector<double> purities(const std::vector<float>& scores) const;

  unsigned threads_;
  std::vector<inference::PreparedEvents> prepared_;  // one per event
  std::vector<std::size_t> n_hits_;
  std::vector<std::uint8_t> labels_;
  std::vector<float> float_scores_;
  std::vector<double> float_purities_;
};

// The model with these products in int8.
using Quantise = std::function<inference::OnnxModel(const std::set<std::string>& names)>;

using Proceed = std::function<bool(const std::string& what)>;

// Measures the rms of every product alone. Those that bring the largest error for the work that
// they save, rms^2 / work (errors of products add in square), stay float32: as many as do less than
// 5 % of the multiplications in any case, and more until the loss of the rest is at most
// `tolerance`. keep_float: stay float32 too (names among the candidates). proceed: called before
// every measurement with what is measured; nothing is returned where it says no.
[[nodiscard]] std::optional<ScanResult> scan(const Validation& validation,
                                             const std::vector<Candidate>& candidates,
                                             const std::set<std::string>& keep_float,
                                             double tolerance, const Quantise& quantise,
                                             const Proceed& proceed = {});

}  // namespace stationhit::quantization
