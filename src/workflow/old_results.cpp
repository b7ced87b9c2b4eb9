#include "old_results.hpp"

#include <array>
#include <string>

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

constexpr std::array names{"metrics.csv",
                           "steps.csv",
                           "norms.csv",
                           "profile.csv",
                           "run.log",
                           "report.html",
                           "plots",
                           "test",
                           "tensorboard",
                           "mlflow",
                           "comet",
                           "onnx_benchmarking",
                           "onnx_benchmarking_edges"};

bool is_made_of_checkpoint(const fs::path& file) {
  return file.extension() == ".onnx" || file.string().ends_with(".bench.json");
}

}  // namespace

std::vector<fs::path> find_results(const fs::path& run_directory) {
  std::vector<fs::path> results;
  const fs::path checkpoints = run_directory / "checkpoints";
  for (const char* name : names)
    for (const fs::path& folder : {run_directory, checkpoints})
      if (fs::exists(folder / name)) results.push_back(folder / name);
  if (!fs::is_directory(checkpoints)) return results;
  for (const auto& entry : fs::directory_iterator(checkpoints))
    if (is_made_of_checkpoint(entry.path())) results.push_back(entry.path());
  return results;
}

void remove_results(const std::vector<fs::path>& results, const core::Logger& log) {
  std::string removed;
  for (const fs::path& path : results) {
    fs::remove_all(path);
    removed += (removed.empty() ? "" : ", ") + path.string();
  }
  if (!removed.empty()) log.info("removed with the training that is replaced: " + removed);
}

}  // namespace stationhit::workflow
