// The texts are those of Python Lightning. A plan depends on the text and the number of GPUs only.
#include <algorithm>
#include <numeric>
#include <string_view>

#include <stationhit/config/devices.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/numbers.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::config {
namespace {

using Kind = DeviceRequest::Kind;

std::optional<std::uint32_t> parse_count(std::string_view text) {
  const auto count = core::parse_number<std::uint32_t>(text);
  return count && *count >= 1 && *count <= max_ranks_of_node ? count : std::nullopt;
}

std::optional<DeviceRequest> counted(Kind kind, std::string_view text) {
  const auto count = parse_count(text);
  return count ? std::optional(DeviceRequest{kind, *count, {}}) : std::nullopt;
}

std::string_view without_spaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool is_list(std::string_view text) { return text.starts_with('[') && text.ends_with(']'); }

// The texts between the brackets and commas of a list.
std::vector<std::string_view> list_items(std::string_view list) {
  std::string_view inside = without_spaces(list.substr(1, list.size() - 2));
  std::vector<std::string_view> items;
  for (bool more = !inside.empty(); more;) {
    const std::size_t comma = inside.find(',');
    more = comma != std::string_view::npos;
    items.push_back(without_spaces(inside.substr(0, comma)));
    if (more) inside.remove_prefix(comma + 1);
  }
  return items;
}

// Empty where the list is one of GPUs.
std::string mistake_of_list(const std::vector<std::string_view>& items) {
  if (items.empty()) return "the list is empty; give numbers of GPUs, or cpu";
  std::vector<std::uint32_t> seen;
  for (const std::string_view item : items) {
    const auto gpu = core::parse_number<std::uint32_t>(item);
    if (!gpu) return "'" + std::string(item) + "' is no number of a GPU; they are counted from 0";
    if (std::ranges::find(seen, *gpu) != seen.end())
      return "GPU " + std::to_string(*gpu) + " is there twice; give each once (a rank has one)";
    seen.push_back(*gpu);
  }
  return "";
}

std::optional<DeviceRequest> parse_gpus(std::string_view list) {
  const std::vector<std::string_view> items = list_items(list);
  if (!mistake_of_list(items).empty()) return std::nullopt;
  DeviceRequest request{Kind::gpus, 0, {}};
  for (const std::string_view item : items)
    request.gpus.push_back(core::parse_number<std::uint32_t>(item).value());
  return request;
}

std::string gpus_there(std::uint32_t n_gpus) {
  if (n_gpus == 0)
    return "this LibTorch finds no GPU (its build has no CUDA, or the machine has none); write "
           "cpu, or cpu:2 for two ranks on the CPU";
  return "there " +
         std::string(n_gpus == 1 ? "is 1 GPU" : "are " + std::to_string(n_gpus) + " GPUs") +
         ", numbered from 0; write the numbers of these, or cpu";
}

[[noreturn]] void reject_devices(const std::string& devices, const std::string& wanted,
                                 std::uint32_t n_gpus) {
  throw core::ConfigError("devices: " + devices + " asks for " + wanted + ", but " +
                          gpus_there(n_gpus));
}

std::vector<std::uint32_t> first_gpus(std::uint32_t n) {
  std::vector<std::uint32_t> gpus(n);
  std::iota(gpus.begin(), gpus.end(), 0U);
  return gpus;
}

}  // namespace

std::optional<DeviceRequest> parse_devices(const std::string& text) {
  constexpr std::string_view cpu_ranks = "cpu:";
  const std::string_view view = text;
  if (view == "cpu") return DeviceRequest{};
  if (view == "auto") return DeviceRequest{Kind::automatic, 1, {}};
  if (view == "-1") return DeviceRequest{Kind::all_gpus, 0, {}};
  if (view.starts_with(cpu_ranks)) return counted(Kind::cpu_ranks, view.substr(cpu_ranks.size()));
  if (is_list(view)) return parse_gpus(view);
  return counted(Kind::count, view);
}

std::string describe_mistake(const std::string& devices) {
  const std::string mistake = is_list(devices) ? mistake_of_list(list_items(devices)) : "";
  return mistake.empty() ? "" : ": " + mistake;
}

DevicePlan plan_devices(const std::string& devices, std::uint32_t n_gpus) {
  const DeviceRequest request = parse_devices(devices).value();
  switch (request.kind) {
    case Kind::cpu_ranks:
      return {request.count, {}};
    case Kind::automatic:
      return n_gpus == 0 ? DevicePlan{1, {}} : DevicePlan{0, first_gpus(n_gpus)};
    case Kind::count:
      if (n_gpus == 0) return {request.count, {}};
      if (request.count > n_gpus)
        reject_devices(devices, std::to_string(request.count) + " GPUs", n_gpus);
      return {0, first_gpus(request.count)};
    case Kind::all_gpus:
      if (n_gpus == 0) reject_devices(devices, "all GPUs", n_gpus);
      return {0, first_gpus(n_gpus)};
    case Kind::gpus:
      break;
  }
  for (const std::uint32_t gpu : request.gpus)
    if (gpu >= n_gpus) reject_devices(devices, "GPU " + std::to_string(gpu), n_gpus);
  return {0, request.gpus};
}

bool misses_gpus(const std::string& devices, const DevicePlan& plan) {
  return plan.gpus.empty() && parse_devices(devices).value().kind == Kind::count;
}

std::optional<std::uint32_t> gpu_of_rank(const DevicePlan& plan, const std::string& devices,
                                         std::uint32_t rank_of_node) {
  if (plan.gpus.empty()) return std::nullopt;
  if (plan.gpus.size() == 1) return plan.gpus.front();
  if (rank_of_node < plan.gpus.size()) return plan.gpus[rank_of_node];
  throw core::ConfigError("devices: " + devices + " gives " + std::to_string(plan.gpus.size()) +
                          " GPU(s), but this is rank " + std::to_string(rank_of_node) +
                          " (from 0) of this node; start as many ranks as GPUs, or give "
                          "--set devices=-1");
}

void require_single_rank(const std::string& devices, const std::string& verb) {
  const DeviceRequest request = parse_devices(devices).value();
  if (request.kind == Kind::automatic || (request.count == 1 && request.gpus.empty())) return;
  throw core::ConfigError("devices: " + devices + ": " + verb +
                          " runs on one rank on the CPU; give --set devices=cpu (only train has "
                          "several ranks)");
}

}  // namespace stationhit::config
