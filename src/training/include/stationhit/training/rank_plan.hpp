// Which ranks a training has and where they meet, by the configuration and the environment. Free of
// Torch.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace stationhit::training {

struct RankPlan {
  std::uint32_t rank = 0, size = 1;
  // Ranks that share the cores of this node, and the number of this one among them, from 0.
  std::uint32_t ranks_of_node = 1, rank_of_node = 0;
  // This program starts the other ranks on this node itself; nobody did so before.
  bool starts_others = false;
  // Where the ranks meet. Port 0: any free one, which only a program that starts the others may
  // choose.
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  // torchrun: a server listens there already and rank 0 need not start one. Every attempt of its
  // restarts has a name of its own.
  bool has_server = false;
  std::string attempt = "0";
  // Network interface that the ranks talk over; empty: the one towards `address`.
  std::string interface = {};
};

// The value of an environment variable; nothing where it is not set or empty.
using Environment = std::function<std::optional<std::string>(const char* name)>;
[[nodiscard]] Environment process_environment();

// RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT (torchrun; with LOCAL_RANK, LOCAL_WORLD_SIZE,
// TORCHELASTIC_USE_AGENT_STORE and TORCHELASTIC_RESTART_COUNT), or SLURM_PROCID and
// SLURM_STEP_NUM_TASKS (srun; with SLURM_LOCALID and SLURM_NTASKS_PER_NODE) with MASTER_ADDR and
// MASTER_PORT. Without them this program starts
// the ranks that `devices` asks for, of which there are `wanted` on this node. GLOO_SOCKET_IFNAME
// names the interface. Throws ConfigError for variables that are missing, wrong or contradict
// `devices`.
[[nodiscard]] RankPlan plan_ranks(const std::string& devices, std::uint32_t wanted,
                                  const Environment& environment);

}  // namespace stationhit::training
