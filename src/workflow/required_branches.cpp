#include "required_branches.hpp"

#include <stationhit/core/errors.hpp>
#include <stationhit/core/missing_columns.hpp>
#include <stationhit/features/needed_branches.hpp>

namespace stationhit::workflow {

std::string name_missing(const std::string& name) {
  const bool is_branch = name != core::whole_events && name != core::single_hits;
  return (is_branch ? "branch " : "") + name;
}

void require_branches(const std::filesystem::path& input,
                      const std::vector<data::MissingBranches>& missing,
                      std::span<const std::string> features, const graph::GraphConfig& graph) {
  for (const data::MissingBranches& file : missing) {
    const auto lacking = features::find_missing_input(features, graph, file.branches);
    if (!lacking) continue;
    const bool is_ntuple = input.filename() == file.file;
    throw core::DataError(
        input.string() + ": " + (is_ntuple ? "" : "it was made from " + file.file + ", which ") +
        "has no " + name_missing(lacking->branch) + ", but " + lacking->needed_by +
        " needs it; give files that have it, or " + lacking->remedy);
  }
}

}  // namespace stationhit::workflow
