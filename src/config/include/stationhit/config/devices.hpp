// The key `devices`: what it asks for, and what that is on this machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stationhit::config {

// More ranks on one node are refused: no machine has use for them.
inline constexpr std::uint32_t max_ranks_of_node = 1024;

struct DeviceRequest {
  enum class Kind {
    cpu_ranks,  // cpu, cpu:N
    automatic,  // auto: all GPUs, or the CPU where there is none
    count,      // N: so many GPUs, or CPU ranks where there is no GPU
    all_gpus,   // -1
    gpus        // [0, 2]
  };
  Kind kind = Kind::cpu_ranks;
  std::uint32_t count = 1;          // of cpu_ranks and count
  std::vector<std::uint32_t> gpus;  // of gpus: numbers in the order of the text, each once

  bool operator==(const DeviceRequest&) const = default;
};

// The value of the setting: a text that parse_devices() takes. A list of a file is its text
// "[0, 2]".
struct Devices : std::string {
  using std::string::string;
  Devices(std::string text) : std::string(std::move(text)) {}
};

// What the text must be, for messages.
inline constexpr const char* devices_notation = "cpu, cpu:N, auto, N, -1 or a list of GPU numbers";

// Nothing for a text that is none of the forms.
[[nodiscard]] std::optional<DeviceRequest> parse_devices(const std::string& text);

// Why a text is none of the forms, as the end of a message (": the list is empty; ..."); empty
// where there is nothing to say beyond the forms.
[[nodiscard]] std::string describe_mistake(const std::string& devices);

// What trains on this node: either CPU ranks or GPUs, with a rank each.
struct DevicePlan {
  std::uint32_t cpu_ranks = 0;
  std::vector<std::uint32_t> gpus;

  [[nodiscard]] std::uint32_t ranks() const {
    return gpus.empty() ? cpu_ranks : static_cast<std::uint32_t>(gpus.size());
  }

  bool operator==(const DevicePlan&) const = default;
};

// devices: a text that parse_devices() takes; n_gpus: GPUs that Torch can use. Throws ConfigError
// for GPUs that do not exist: the value, what exists and what to write instead.
[[nodiscard]] DevicePlan plan_devices(const std::string& devices, std::uint32_t n_gpus);

// Whether a number of GPUs was asked for, of which there are none.
[[nodiscard]] bool misses_gpus(const std::string& devices, const DevicePlan& plan);

// The GPU of a rank; nothing: the CPU. A single GPU is that of all ranks: a batch system may show
// each of them another one as the only one. rank_of_node: its number among the ranks of this node,
// from 0. Throws ConfigError for more ranks than GPUs otherwise.
[[nodiscard]] std::optional<std::uint32_t> gpu_of_rank(const DevicePlan& plan,
                                                       const std::string& devices,
                                                       std::uint32_t rank_of_node);

// Throws ConfigError naming the verb unless `devices` asks for a single rank on the CPU or leaves
// the choice: only `train` has several.
void require_single_rank(const std::string& devices, const std::string& verb);

}  // namespace stationhit::config
