// What becomes of results that took long to make: run directories, pruned networks, toy samples.
// Those of another configuration are never replaced unless the user asks for it.
#pragma once

#include <string>
#include <vector>

#include <stationhit/core/settings.hpp>

namespace stationhit::workflow {

// `replace` is what --force of the subcommands means: begin again, whatever is there.
enum class ExistingResults { keep, replace };

// A path that stands for something else than before, also where the texts are equal: "path, which
// <what>".
[[nodiscard]] core::SettingDifference make_content_difference(const std::string& key,
                                                              const std::string& before,
                                                              const std::string& now,
                                                              const std::string& what);

// "key: first, now second; ..."; empty if nothing differs.
[[nodiscard]] std::string describe_changes(const std::vector<core::SettingDifference>& differences);

// Throws ConfigError unless nothing differs between the configuration of the existing results
// (`first`) and the one that is asked for now (`second`). The message names all settings that
// differ with both values; `made` begins it ("run/last.safetensors: was trained"), `advice` ends
// it.
void require_no_difference(const std::string& made,
                           const std::vector<core::SettingDifference>& differences,
                           const std::string& advice);

}  // namespace stationhit::workflow
