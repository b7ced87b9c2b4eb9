// The results of a study as files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/workflow/study.hpp>

namespace stationhit::workflow {

// One line per row.
[[nodiscard]] std::string study_csv(const std::vector<StudyRow>& rows);
[[nodiscard]] std::string study_markdown(StudyKind kind, const StudyResult& result,
                                         const config::StudyConfig& study);
[[nodiscard]] std::string study_json(StudyKind kind, const StudyResult& result,
                                     const config::RunConfig& run);

// Writes study.csv, study.json, study.md and the figures; gives the path of study.md.
[[nodiscard]] std::filesystem::path write_study(StudyKind kind, const StudyResult& result,
                                                const config::RunConfig& run,
                                                const core::SampleInfo& sample,
                                                const std::filesystem::path& folder);

}  // namespace stationhit::workflow
