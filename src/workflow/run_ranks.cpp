#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <stationhit/config/devices.hpp>
#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/settings.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/training/connect_ranks.hpp>
#include <stationhit/training/gpus.hpp>
#include <stationhit/workflow/resume_rules.hpp>
#include <stationhit/workflow/run_ranks.hpp>

#include "rank_processes.hpp"

namespace stationhit::workflow {
namespace {

std::string name_rank(std::uint32_t rank) { return "rank " + std::to_string(rank); }

// Every rank reads its own file, perhaps on another host. What decides the training must be the
// same in all of them.
void require_same_configurations(const config::RunConfig& run, const training::Ranks& ranks) {
  const std::vector<std::string> all = ranks.exchange(config::dump(run));
  const auto first =
      config::parse_text<config::RunConfig>(all.front(), "the configuration of rank 0");
  for (std::uint32_t rank = 1; rank < all.size(); ++rank) {
    const std::string name = name_rank(rank);
    auto differences = core::find_differences(
        first, config::parse_text<config::RunConfig>(all[rank], "the configuration of " + name));
    std::erase_if(differences, [](const auto& setting) {
      return resume_role(setting.key) == ResumeRole::no_part;
    });
    std::vector<std::string> texts;
    for (const auto& setting : differences)
      texts.push_back(setting.key + ": " + setting.second + " and not " + setting.first);
    if (texts.empty()) continue;
    throw core::ConfigError(name + " has another configuration than rank 0 (" + core::join(texts) +
                            "); give all ranks the same file and the same --set options");
  }
}

}  // namespace

RunRanks::RunRanks() = default;

RunRanks::RunRanks(const config::RunConfig& run, const core::Observer& observer) {
  const config::DevicePlan devices = config::plan_devices(run.devices, training::count_gpus());
  const training::RankPlan plan =
      training::plan_ranks(run.devices, devices.ranks(), training::process_environment());
  if (config::misses_gpus(run.devices, devices))
    observer.log().warning("devices: " + run.devices +
                           ": this LibTorch finds no GPU, so the training runs on the CPU with " +
                           std::to_string(devices.ranks()) + " rank(s); write cpu:" +
                           std::to_string(devices.ranks()) + " where this is meant");
  gpu_ = config::gpu_of_rank(devices, run.devices, plan.rank_of_node);
  ranks_of_node_ = plan.ranks_of_node;
  if (plan.size == 1) return;
  training::MeetingHooks hooks;
  if (plan.starts_others) {
    observer.log().info("starting " + std::to_string(plan.size - 1) + " more rank(s) on this node");
    hooks.listening = [&](std::uint16_t port) {
      processes_ = std::make_unique<RankProcesses>(plan.size, port);
    };
    hooks.waiting = [&] { processes_->require_no_failure(); };
  }
  ranks_ = training::connect_ranks(plan, std::chrono::seconds(run.rank_timeout), hooks);
  require_same_configurations(run, ranks_);
}

RunRanks::~RunRanks() = default;

unsigned RunRanks::threads(unsigned requested) const {
  if (requested != 0 || ranks_of_node_ == 1) return requested;
  return std::max(1U, core::resolve_threads(0) / ranks_of_node_);
}

void RunRanks::run(const std::function<void()>& work, const core::Observer& observer) const {
  try {
    work();
  } catch (const training::RankLost&) {
    if (processes_) processes_->explain_loss();
    throw;
  } catch (const core::Error& error) {
    if (ranks_.is_first()) throw;
    throw core::Error(error.code(), name_rank(ranks_.rank()) + ": " + error.what());
  }
  if (!processes_) return;
  processes_->wait_for_end();
  if (!observer.stop_requested()) processes_->require_no_failure();
}

}  // namespace stationhit::workflow
