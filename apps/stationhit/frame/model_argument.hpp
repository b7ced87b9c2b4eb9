// The arguments MODEL and INPUT of verbs that take both.
#pragma once

#include <filesystem>
#include <string>

namespace stationhit::app {

// Throws UsageError where the file given as model is a ROOT file; `call` shows the right order.
void require_no_ntuple(const std::filesystem::path& model, const std::string& call);

}  // namespace stationhit::app
