#include <algorithm>
#include <string_view>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/workflow/existing_results.hpp>

namespace stationhit::workflow {
namespace {

template <class MakeText>
std::string join_texts(const std::vector<core::SettingDifference>& differences,
                       std::string_view between, MakeText&& make_text) {
  std::vector<std::string> texts(differences.size());
  std::ranges::transform(differences, texts.begin(), make_text);
  return core::join(texts, between);
}

}  // namespace

core::SettingDifference make_content_difference(const std::string& key, const std::string& before,
                                                const std::string& now, const std::string& what) {
  const auto text = [](const std::string& path) { return path.empty() ? "null" : path; };
  return {key, text(before), text(now) + ", which " + what};
}

std::string describe_changes(const std::vector<core::SettingDifference>& differences) {
  return join_texts(differences, "; ", [](const core::SettingDifference& setting) {
    return setting.key + ": " + setting.first + ", now " + setting.second;
  });
}

void require_no_difference(const std::string& made,
                           const std::vector<core::SettingDifference>& differences,
                           const std::string& advice) {
  const std::string text =
      join_texts(differences, ", and ", [](const core::SettingDifference& setting) {
        return "with " + setting.key + ": " + setting.first + ", the configuration has " +
               setting.second;
      });
  if (!text.empty()) throw core::ConfigError(made + " " + text + "; " + advice);
}

}  // namespace stationhit::workflow
