#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <stationhit/core/input_files.hpp>
#include <stationhit/workflow/prepare_set.hpp>

namespace stationhit::workflow {
namespace {

constexpr std::uint64_t trial_events = 50;

// The part of the provenance that speaks of what a file lacks.
data::Provenance describe_input(const std::filesystem::path& file,
                                const data::PrepareFormats& formats) {
  const data::InputSummary summary = formats.examine(file);
  data::Provenance provenance;
  if (!summary.missing_branches.empty())
    provenance.missing_branches.push_back({core::file_name(file), summary.missing_branches});
  if (summary.loss) provenance.unfinished_inputs.push_back(*summary.loss);
  return provenance;
}

// Progress, signals and time of a call.
class Preparation {
 public:
  Preparation(const data::PrepareConfig& config, const core::Observer& observer)
      : output_(config.output),
        observer_(observer),
        progress_(observer.start_progress("prepare", 0)) {}

  [[nodiscard]] data::PrepareHooks hooks() const {
    data::PrepareHooks hooks;
    hooks.log = observer_.log();
    hooks.progress = [this](std::uint64_t done, std::uint64_t total) {
      progress_->update(done, "of " + std::to_string(total) + " events");
    };
    hooks.stop_requested = [this] { return observer_.stop_requested(); };
    return hooks;
  }

  void say_stopped() const {
    observer_.log().warning(
        "stopped; the same command goes on from here (finished shards stay in " + output_ + ")");
  }

  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::string output_;
  const core::Observer& observer_;
  std::unique_ptr<core::Progress> progress_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

std::optional<PreparationResult> prepare_set(const data::PrepareConfig& config,
                                             const data::PrepareFormats& formats,
                                             const core::Observer& observer,
                                             data::MissingWork missing) {
  const Preparation preparation(config, observer);
  auto prepared = data::prepare(config, formats, preparation.hooks(), missing);
  if (!prepared) return preparation.say_stopped(), std::nullopt;
  return PreparationResult{std::move(*prepared), preparation.seconds()};
}

std::optional<PreparedPiece> prepare_piece(const data::PrepareConfig& config,
                                           const data::PrepareFormats& formats,
                                           const data::Piece& piece,
                                           const core::Observer& observer) {
  const Preparation preparation(config, observer);
  auto made = data::prepare_piece(config, formats, piece, preparation.hooks());
  if (!made) return preparation.say_stopped(), std::nullopt;
  return PreparedPiece{*made, preparation.seconds()};
}

SelectionTrial try_selection(const data::PrepareConfig& config, const data::PrepareFormats& formats,
                             const core::Logger& log) {
  const auto files = data::expand_inputs(config.input);
  data::warn_of_incomplete_inputs(describe_input(files.front(), formats), log);
  const auto reader = formats.open_input(files.front(), 0, trial_events);
  SelectionTrial trial;
  core::Event event;
  while (reader->next(event)) {
    core::check_consistency(event, reader->where());
    ++trial.input.events;
    const data::SelectionResult result = data::apply_selection(event, config.selection);
    trial.input.add(result);
    if (result.kept) trial.kept.add(event);
  }
  return trial;
}

}  // namespace stationhit::workflow
