// Whether this program made a file is told by its name. A user may keep other things in a run
// directory, and a wrong experiment_dir may name any folder.
#include "old_results.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/data/manifest.hpp>

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

constexpr std::array made_extensions{".csv",  ".html", ".json", ".jsonl",       ".log",  ".md",
                                     ".onnx", ".pdf",  ".png",  ".safetensors", ".yaml", ".zip"};

bool is_made(const fs::path& file) {
  const std::string name = file.filename();
  return std::ranges::find(made_extensions, file.extension()) != made_extensions.end() ||
         name == "scores.root" || name.ends_with(".partial") ||
         name.starts_with("events.out.tfevents.");
}

bool is_data_set(const fs::path& folder) { return fs::exists(folder / data::manifest_file_name); }

// Gives the files that stay.
std::vector<std::string> remove_made(const fs::path& folder) {
  if (is_data_set(folder)) return {folder.string()};
  std::vector<std::string> kept;
  for (const auto& entry : std::vector(fs::directory_iterator(folder), fs::directory_iterator())) {
    if (entry.is_directory() && !entry.is_symlink())
      std::ranges::copy(remove_made(entry), std::back_inserter(kept));
    else if (is_made(entry))
      fs::remove(entry);
    // Whoever holds the lock removes its file.
    else if (entry.path().filename() != core::DirectoryLock::file_name)
      kept.push_back(entry.path());
  }
  std::error_code not_empty;
  fs::remove(folder, not_empty);
  return kept;
}

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
    if (fs::is_directory(path))
      remove_made_files(path, log);
    else
      fs::remove(path);
    removed += (removed.empty() ? "" : ", ") + path.string();
  }
  if (!removed.empty()) log.info("removed with the training that is replaced: " + removed);
}

void remove_made_files(const fs::path& folder, const core::Logger& log) {
  if (!fs::is_directory(folder)) return;
  const std::vector<std::string> kept = remove_made(folder);
  if (kept.empty()) return;
  log.warning(folder.string() + ": kept, because no run makes such files: " + core::join(kept));
}

void require_no_data_set(const fs::path& folder, const std::string& name) {
  const std::array folders{folder, folder / "train", folder / "val", folder / "test"};
  const auto found = std::ranges::find_if(folders, is_data_set);
  if (found == folders.end()) return;
  throw core::DataError(name + ": " + folder.string() + " holds a data set (" +
                        (*found / data::manifest_file_name).string() +
                        "), with which the results of a run would mix; give a folder of its own");
}

}  // namespace stationhit::workflow
