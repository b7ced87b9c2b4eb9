#include "learning_rate_figure.hpp"

namespace stationhit::workflow {

void draw_learning_rates(const training::LearningRateTest& /*test*/,
                         std::optional<double> /*suggestion*/, const core::SampleInfo& /*sample*/,
                         const std::filesystem::path& /*folder*/) {}

}  // namespace stationhit::workflow
