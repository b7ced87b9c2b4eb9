// Adds the column `score` to the events of an ntuple and writes it:
//   add_scores MODEL.onnx INPUT.root OUTPUT.root [THREADS]
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <ROOT/RDataFrame.hxx>

#include "score_column.hpp"

namespace {

void run(const std::string& model, const std::string& input, const std::string& output,
         unsigned threads) {
  if (threads > 1) ROOT::EnableImplicitMT(threads);
  const example::ScoreColumn score(model);  // once; all threads call it
  const float cut = score.threshold("0.99");
  ROOT::RDataFrame events("MuonHitDump", input);
  auto scored =
      events.Define("score", score, example::score_inputs)
          .Define("n_kept",
                  [cut](const ROOT::RVec<float>& s) { return ROOT::VecOps::Sum(s > cut); },
                  {"score"});
  auto n_events = scored.Count();
  auto kept = scored.Sum<int>("n_kept");
  scored.Snapshot("scores", output, {"eventNumber", "score", "n_kept"});
  std::printf("%llu events, %lld hits above the cut %.4f\n", n_events.GetValue(),
              static_cast<long long>(kept.GetValue()), static_cast<double>(cut));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || argc > 5) {
    std::fprintf(stderr, "usage: add_scores MODEL.onnx INPUT.root OUTPUT.root [THREADS]\n");
    return 2;
  }
  try {
    const auto threads = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 1UL;
    run(argv[1], argv[2], argv[3], static_cast<unsigned>(threads));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
