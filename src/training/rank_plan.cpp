// The environment counts where it says that there are ranks, because then somebody has started
// them.
#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string_view>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/numbers.hpp>
#include <stationhit/training/rank_plan.hpp>

namespace stationhit::training {
namespace {

std::string require_variable(const Environment& environment, const char* name,
                             const std::string& reason) {
  if (auto value = environment(name)) return *value;
  throw core::ConfigError("environment variable " + std::string(name) + " is not set, but " +
                          reason +
                          "; set it for every rank (torchrun does), or unset the others to train "
                          "with one rank");
}

// A whole number in [min, max].
std::uint32_t require_number(const Environment& environment, const char* name, std::uint32_t min,
                             std::uint32_t max, const std::string& reason) {
  const std::string text = require_variable(environment, name, reason);
  const auto number = core::parse_number<std::uint32_t>(text);
  if (number && *number >= min && *number <= max) return *number;
  throw core::ConfigError("environment variable " + std::string(name) +
                          ": expected an integer in " + std::to_string(min) + ".." +
                          std::to_string(max) + ", found '" + text + "'");
}

constexpr std::uint32_t max_ranks = 65536;

// Names of the variables of a launcher.
struct Launcher {
  const char* rank;
  const char* size;
  const char* rank_of_node;
  const char* ranks_of_node;
  bool counts_job;  // ranks_of_node is that of a job, of which these ranks may be a part
};
constexpr Launcher torchrun{"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", false},
    srun{"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", "SLURM_NTASKS_PER_NODE", true};

// Nothing: nobody has started ranks. A step of one task is an ordinary program in a batch job.
std::optional<Launcher> find_launcher(const Environment& environment) {
  if (environment(torchrun.rank) || environment(torchrun.size)) return torchrun;
  if (environment(srun.size).value_or("1") != "1") return srun;
  return std::nullopt;
}

void read_meeting_point(RankPlan& plan, const Environment& environment, const std::string& reason) {
  plan.address = require_variable(environment, "MASTER_ADDR", reason);
  plan.port = static_cast<std::uint16_t>(require_number(
      environment, "MASTER_PORT", 1, std::numeric_limits<std::uint16_t>::max(), reason));
  plan.has_server = environment("TORCHELASTIC_USE_AGENT_STORE").value_or("") == "True";
  plan.attempt = environment("TORCHELASTIC_RESTART_COUNT").value_or("0");
}

RankPlan read_plan(const Launcher& launcher, const Environment& environment) {
  RankPlan plan;
  const std::string both =
      std::string(launcher.rank) + " and " + launcher.size + " say which rank this is";
  plan.size = require_number(environment, launcher.size, 1, max_ranks, both);
  plan.rank = require_number(environment, launcher.rank, 0, plan.size - 1, both);
  if (environment(launcher.ranks_of_node))
    plan.ranks_of_node =
        std::min(plan.size, require_number(environment, launcher.ranks_of_node, 1,
                                           launcher.counts_job ? max_ranks : plan.size, both));
  if (environment(launcher.rank_of_node))
    plan.rank_of_node = require_number(environment, launcher.rank_of_node, 0, plan.size - 1, both);
  if (plan.size > 1)
    read_meeting_point(plan, environment,
                       std::string(launcher.size) + " is " + std::to_string(plan.size));
  return plan;
}

}  // namespace

Environment process_environment() {
  return [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
  };
}

RankPlan plan_ranks(const std::string& devices, std::uint32_t wanted,
                    const Environment& environment) {
  RankPlan plan;
  if (const auto launcher = find_launcher(environment)) {
    plan = read_plan(*launcher, environment);
    if (wanted > 1 && wanted != plan.ranks_of_node)
      throw core::ConfigError(
          "devices: " + devices + " asks for " + std::to_string(wanted) +
          " ranks on this node, but the environment (" + launcher->size + "=" +
          std::to_string(plan.size) +
          ") says that they are started already; give --set devices=cpu, or unset it");
  } else {
    plan.size = plan.ranks_of_node = wanted;
    plan.starts_others = wanted > 1;
  }
  plan.interface = environment("GLOO_SOCKET_IFNAME").value_or("");
  return plan;
}

}  // namespace stationhit::training
