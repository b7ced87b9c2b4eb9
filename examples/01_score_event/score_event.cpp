// Scores one event with an exported model: score_event MODEL.onnx [WORKING_POINT]
// A trigger does the same, with hits from its own data preparation instead of make_event().
#include <cstdio>
#include <exception>

#include <stationhit/core/event.hpp>
#include <stationhit/core/technology.hpp>
#include <stationhit/inference/hit_classifier.hpp>

namespace {

// Makes six drift-tube hits of a track through a middle barrel chamber and two hits far from it, in
// the local frame in mm.
stationhit::core::Event make_event() {
  stationhit::core::Event event;
  stationhit::core::resize(event.hits, 8);
  for (std::size_t i = 0; i < event.hits.size(); ++i) {
    const bool far = i >= 6;
    event.hits.local_y[i] =
        far ? 900.0F + 40.0F * static_cast<float>(i) : 15.0F * static_cast<float>(i);
    event.hits.local_z[i] = -150.0F + 52.0F * static_cast<float>(i % 6);
    event.hits.drift_r[i] = 2.0F + static_cast<float>(i);
    event.hits.technology[i] = static_cast<std::uint8_t>(stationhit::core::Technology::mdt);
    event.hits.station_index[i] = 2;  // BML
    event.hits.station_eta[i] = 1;
    event.hits.station_phi[i] = 1;
    event.hits.layer[i] = static_cast<std::uint8_t>(i % 6 + 1);
    event.hits.channel[i] = static_cast<std::uint16_t>(i + 1);
    event.hits.truth_link[i] = stationhit::core::no_muon;
  }
  return event;
}

void score(const char* model, const char* working_point) {
  const stationhit::inference::HitClassifier classifier(model);  // once per process
  const float cut = classifier.threshold(working_point);
  const std::vector<float> scores =
      classifier.scores(make_event());  // once per event, from any thread
  std::printf("cut at working point %s: %.4f\n", working_point, cut);
  for (std::size_t i = 0; i < scores.size(); ++i)
    std::printf("hit %zu: %.4f %s\n", i, scores[i], scores[i] > cut ? "keep" : "drop");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: score_event MODEL.onnx [WORKING_POINT]\n");
    return 2;
  }
  try {
    score(argv[1], argc > 2 ? argv[2] : "0.99");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
