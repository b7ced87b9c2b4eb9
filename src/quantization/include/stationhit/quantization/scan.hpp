// Measures on validation events what each linear layer loses in int8, and decides which of them
// stay float32.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <stationhit/features/labeled_events.hpp>
#include <stationhit/inference/hit_classifier.hpp>

namespace stationhit::quantization {

// The loss of an int8 model relative to the float32 model on the same events.
struct Loss {
  // Relative loss of purity, averaged over hit efficiencies between the outermost working points;
  // negative if the purity is higher in int8.
  double purity = 0;
  double rms = 0;  // of the differences of the logits of all hits
};

struct Candidate {
  std::string name;
  double work = 1;  // multiplications per row of the input
};

struct LayerLoss {
  std::string name;
  double rms_alone = 0;   // of the logit differences with only this layer in int8
  double work = 1;        // of the candidate
  bool in_float = false;  // the layer stays float32
};

struct ScanResult {
  Loss total;                     // of all layers that are int8 in the end
  std::vector<LayerLoss> layers;  // in the order of the file
};

// The validation events, with the measurements that the scan needs.
class Validation {
 public:
  // `classifier` has the float32 model, run by the backend that runs the others too. The events
  // must have its features and graph. Throws DataError if they have no signal hits or no background
  // hits.
  Validation(const inference::HitClassifier& classifier, std::vector<features::LabeledEvent> events,
             unsigned threads);

  [[nodiscard]] Loss loss(const inference::Model& model) const;
  // The rms of the logit differences in the first 100 events. It ranks single layers, because one
  // layer changes the purity by less than its statistical error.
  [[nodiscard]] double rms(const inference::Model& model) const;

 private:
  // The scores of the first n_events events.
  [[nodiscard]] std::vector<float> scores(const inference::Model& model,
                                          std::size_t n_events) const;
  [[nodiscard]] double rms(const std::vector<float>& scores) const;
  [[nodiscard]] std::vector<double> purities(const std::vector<float>& scores) const;

  unsigned threads_;
  std::vector<double> working_points_;               // of the model
  std::vector<inference::PreparedEvents> prepared_;  // one per event
  std::vector<std::size_t> n_hits_;
  std::vector<std::uint8_t> labels_;
  std::vector<float> float_scores_;
  std::vector<double> float_purities_;
};

// Makes the model with these layers in int8.
using MakeQuantized =
    std::function<std::unique_ptr<const inference::Model>(const std::set<std::string>& names)>;

using Proceed = std::function<bool(const std::string& what)>;

// Measures the rms of every layer alone. The layers with the largest error per saved
// multiplication, rms^2 / work (errors of layers add in square), stay float32: first as many as
// make up less than 5 % of the multiplications, then more until the loss of the rest is at most
// `tolerance`. The layers named in keep_float (among the candidates) also stay float32. proceed is
// called before every measurement with a description of it; if it returns false, the result is
// empty.
[[nodiscard]] std::optional<ScanResult> scan(const Validation& validation,
                                             const std::vector<Candidate>& candidates,
                                             const std::set<std::string>& keep_float,
                                             double tolerance, const MakeQuantized& make_quantized,
                                             const Proceed& proceed = {});

}  // namespace stationhit::quantization
