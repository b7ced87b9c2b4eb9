// The interfaces side by side: one event at a time from an Event, from columns, from columns
// without checks, and through the C interface, in turns. Arguments: an exported file, rounds (200).
// The events are those of the toy simulation at <mu> = 200.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <stationhit.h>

#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/simulation/simulator.hpp>

namespace {

using namespace stationhit;
using Clock = std::chrono::steady_clock;

// All columns and the buckets.
stationhit_event view_of(const core::Event& event) {
  const core::HitTable& hits = event.hits;
  stationhit_event view{};
  view.struct_size = sizeof view;
  view.n_hits = hits.size();
  view.local_x = hits.local_x.data();
  view.local_y = hits.local_y.data();
  view.local_z = hits.local_z.data();
  view.glob_x = hits.glob_x.data();
  view.glob_y = hits.glob_y.data();
  view.glob_z = hits.glob_z.data();
  view.edge_low_x = hits.edge_low_x.data();
  view.edge_low_y = hits.edge_low_y.data();
  view.edge_low_z = hits.edge_low_z.data();
  view.edge_high_x = hits.edge_high_x.data();
  view.edge_high_y = hits.edge_high_y.data();
  view.edge_high_z = hits.edge_high_z.data();
  view.time = hits.time.data();
  view.drift_r = hits.drift_r.data();
  view.read_out_side = hits.read_out_side.data();
  view.cov_xx = hits.cov_xx.data();
  view.cov_xy = hits.cov_xy.data();
  view.cov_yx = hits.cov_yx.data();
  view.cov_yy = hits.cov_yy.data();
  view.meas_eta = hits.meas_eta.data();
  view.meas_phi = hits.meas_phi.data();
  view.n_eta_in_use = hits.n_eta_in_use.data();
  view.n_phi_in_use = hits.n_phi_in_use.data();
  view.technology = hits.technology.data();
  view.station_index = hits.station_index.data();
  view.station_eta = hits.station_eta.data();
  view.station_phi = hits.station_phi.data();
  view.layer = hits.layer.data();
  view.channel = hits.channel.data();
  view.sec_channel = hits.sec_channel.data();
  view.n_buckets = event.buckets.size();
  view.n_bucket_hits = event.buckets.hits.size();
  view.bucket_offsets = event.buckets.offsets.data();
  view.bucket_hits = event.buckets.hits.data();
  view.bucket_x_min = event.buckets.x_min.data();
  view.bucket_x_max = event.buckets.x_max.data();
  return view;
}

void require(stationhit_error* error) {
  if (error != nullptr) throw std::runtime_error(stationhit_error_text(error));
}

struct Way {
  const char* name;
  std::function<void(std::size_t event, std::vector<float>& scores)> score;
  std::vector<double> ms = {};
};

void measure(const char* path, std::size_t rounds) {
  const inference::HitClassifier classifier(path);
  stationhit_model* model = nullptr;
  require(stationhit_model_load(path, nullptr, &model));
  const simulation::Simulator simulator{simulation::SimulationConfig{}};
  std::vector<core::Event> events;
  std::vector<stationhit_event> views;
  for (std::size_t e = 0; e < 8; ++e) events.push_back(simulator.generate(e));
  for (const core::Event& event : events) views.push_back(view_of(event));
  std::array<Way, 4> ways{
      {{"Event", [&](std::size_t e, auto& scores) { classifier.scores(events[e], scores); }},
       {"columns", [&](std::size_t e,
                       auto& scores) { classifier.scores(core::EventColumns(events[e]), scores); }},
       {"columns, unchecked",
        [&](std::size_t e, auto& scores) { classifier.scores_unchecked(events[e], scores); }},
       {"C", [&](std::size_t e, auto& scores) {
          require(stationhit_model_scores(model, &views[e], scores.data(), scores.size()));
        }}}};
  for (std::size_t round = 0; round < rounds + 2; ++round) {
    for (std::size_t e = 0; e < events.size(); ++e) {
      std::vector<float> expected = classifier.scores(events[e]);
      std::vector<float> scores(expected.size());
      for (Way& way : ways) {
        const auto start = Clock::now();
        way.score(e, scores);
        const std::chrono::duration<double, std::milli> taken = Clock::now() - start;
        if (round >= 2) way.ms.push_back(taken.count());
        if (scores != expected) throw std::runtime_error(std::string(way.name) + ": other scores");
      }
    }
  }
  stationhit_model_free(model);
  for (Way& way : ways) {
    std::ranges::sort(way.ms);
    std::printf("%-20s %.3f ms per event at the least, median %.3f ms\n", way.name, way.ms.front(),
                way.ms[way.ms.size() / 2]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_c_api MODEL.onnx [ROUNDS]\n");
    return 2;
  }
  try {
    measure(argv[1], argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
