#include "required_branches.hpp"

#include <stationhit/core/errors.hpp>
#include <stationhit/features/needed_branches.hpp>

namespace stationhit::workflow {

void require_branches(const std::filesystem::path& input,
                      const std::vector<data::MissingBranches>& missing,
                      std::span<const std::string> features, const graph::GraphConfig& graph) {
  for (const data::MissingBranches& file : missing) {
    const auto lacking = features::find_missing_input(features, graph, file.branches);
    if (!lacking) continue;
    const bool is_ntuple = input.filename() == file.file;
    throw core::DataError(input.string() + ": " +
                          (is_ntuple ? "" : "it was made from " + file.file + ", which ") +
                          "has no branch " + lacking->branch + ", but " + lacking->needed_by +
                          " needs it; give files that have it, or " + lacking->remedy);
  }
}

}  // namespace stationhit::workflow
