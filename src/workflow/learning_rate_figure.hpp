// The figure of a learning-rate range test.
#pragma once

#include <filesystem>
#include <optional>

#include <stationhit/core/sample_info.hpp>
#include <stationhit/training/learning_rate_test.hpp>

namespace stationhit::workflow {

// loss.png, .pdf and .csv: the loss against the learning rate. A build without ROOT draws nothing.
void draw_learning_rates(const training::LearningRateTest& test, std::optional<double> suggestion,
                         const core::SampleInfo& sample, const std::filesystem::path& folder);

}  // namespace stationhit::workflow
