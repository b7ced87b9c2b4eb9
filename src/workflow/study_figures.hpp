// One figure per quantity of a study.
#pragma once

#include <filesystem>
#include <vector>

#include <stationhit/core/sample_info.hpp>
#include <stationhit/plots/figure.hpp>
#include <stationhit/workflow/study_summary.hpp>
#include <stationhit/workflow/study_variants.hpp>

namespace stationhit::workflow {

// The variants as rows from the top. features: differences to the base, of permuted values and of
// trainings without them, sorted by the former; the others: means beside the line of the base.
[[nodiscard]] plots::Figure draw_study(StudyKind kind, const std::vector<StudyEntry>& entries,
                                       std::size_t quantity);

// <kind>_auc and <kind>_purity.
void write_study_figures(StudyKind kind, const std::vector<StudyEntry>& entries,
                         const core::SampleInfo& sample, const std::filesystem::path& folder);

}  // namespace stationhit::workflow
