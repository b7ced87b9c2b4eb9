#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include <stationhit/core/numbers.hpp>
#include <stationhit/training/run_files.hpp>

namespace stationhit::training {

std::filesystem::path epoch_checkpoint(const std::filesystem::path& run_directory,
                                       std::int32_t epoch) {
  std::array<char, 48> name{};
  std::snprintf(name.data(), name.size(), "epoch_%03d.safetensors", epoch);
  return last_checkpoint(run_directory).replace_filename(name.data());
}

std::optional<std::int32_t> epoch_of_checkpoint(const std::filesystem::path& file) {
  constexpr std::string_view prefix = "epoch_";
  const std::string name = file.stem().string();
  if (file.extension() != ".safetensors" || !name.starts_with(prefix)) return std::nullopt;
  return core::parse_number<std::int32_t>(name.substr(prefix.size()));
}

}  // namespace stationhit::training
