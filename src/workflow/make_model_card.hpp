#pragma once

#include <string>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/logger.hpp>
#include <stationhit/training/checkpoint_metadata.hpp>
#include <stationhit/workflow/export_checkpoint.hpp>

namespace stationhit::workflow {

// The value of the metadata key. The samples are those of run.train_path, val_path and test_path if
// they hold the events that the checkpoint names, and the results those of the test of this
// checkpoint in run.experiment_dir; the log says which of them the card lacks and why.
[[nodiscard]] std::string make_model_card(const config::RunConfig& run,
                                          const training::CheckpointMetadata& metadata,
                                          const CardTexts& texts, const core::Logger& log);

}  // namespace stationhit::workflow
