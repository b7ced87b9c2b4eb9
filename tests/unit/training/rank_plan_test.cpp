// Ranks by configuration and environment.
#include <map>
#include <string>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/training/rank_plan.hpp>

namespace stationhit::training {
namespace {

using Variables = std::map<std::string, std::string>;

RankPlan plan(const Variables& variables, std::uint32_t wanted = 1) {
  return plan_ranks(wanted == 1 ? "cpu" : "cpu:" + std::to_string(wanted), wanted,
                    [&](const char* name) -> std::optional<std::string> {
                      const auto found = variables.find(name);
                      return found == variables.end() ? std::nullopt : std::optional(found->second);
                    });
}

std::string plan_error(const Variables& variables, std::uint32_t wanted = 1) {
  return test::config_error([&] { (void)plan(variables, wanted); });
}

const Variables plain{
    {"RANK", "1"}, {"WORLD_SIZE", "3"}, {"MASTER_ADDR", "10.0.0.1"}, {"MASTER_PORT", "29500"}};

Variables changed(Variables variables, const std::string& name, const std::string& value) {
  variables[name] = value;
  return variables;
}

TEST(RankPlan, WithoutEnvironmentTheProgramStartsWhatIsAskedFor) {
  const RankPlan one = plan({});
  EXPECT_EQ(one.size, 1U);
  EXPECT_FALSE(one.starts_others);
  const RankPlan two = plan({}, 2);
  EXPECT_EQ(two.rank, 0U);
  EXPECT_EQ(two.size, 2U);
  EXPECT_EQ(two.ranks_of_node, 2U);
  EXPECT_TRUE(two.starts_others);
  EXPECT_EQ(two.address, "127.0.0.1");
}

TEST(RankPlan, PlainVariables) {
  const RankPlan one = plan(plain);
  EXPECT_EQ(one.rank, 1U);
  EXPECT_EQ(one.size, 3U);
  EXPECT_EQ(one.ranks_of_node, 1U) << "not known";
  EXPECT_FALSE(one.starts_others);
  EXPECT_EQ(one.address, "10.0.0.1");
  EXPECT_EQ(one.port, 29500);
  EXPECT_FALSE(one.has_server);
}

TEST(RankPlan, Torchrun) {
  Variables variables = changed(plain, "LOCAL_WORLD_SIZE", "2");
  variables["LOCAL_RANK"] = "1";
  variables["TORCHELASTIC_USE_AGENT_STORE"] = "True";
  variables["TORCHELASTIC_RESTART_COUNT"] = "4";
  variables["GLOO_SOCKET_IFNAME"] = "eth1";
  const RankPlan one = plan(variables);
  EXPECT_TRUE(one.has_server);
  EXPECT_EQ(one.attempt, "4");
  EXPECT_EQ(one.ranks_of_node, 2U);
  EXPECT_EQ(one.rank_of_node, 1U);
  EXPECT_EQ(one.interface, "eth1");
  EXPECT_EQ(plan(variables, 2).size, 3U) << "cpu:2 and two ranks on the node agree";
}

TEST(RankPlan, Srun) {
  const Variables variables{{"SLURM_PROCID", "2"},    {"SLURM_STEP_NUM_TASKS", "4"},
                            {"SLURM_LOCALID", "0"},   {"SLURM_NTASKS_PER_NODE", "8"},
                            {"MASTER_ADDR", "node1"}, {"MASTER_PORT", "1"}};
  EXPECT_EQ(plan(variables).rank, 2U);
  EXPECT_EQ(plan(variables).size, 4U);
  EXPECT_EQ(plan(variables).rank_of_node, 0U);
  EXPECT_EQ(plan(variables).ranks_of_node, 4U) << "the job has more tasks than the step";
  EXPECT_EQ(plan({{"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "1"}}, 2).starts_others, true)
      << "an ordinary program in a batch job";
  EXPECT_EQ(plan({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}}).size, 1U)
      << "the batch script itself";
  EXPECT_EQ(plan_error({{"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "4"}}),
            "environment variable MASTER_ADDR is not set, but SLURM_STEP_NUM_TASKS is 4; set it "
            "for every rank (torchrun does), or unset the others to train with one rank");
}

TEST(RankPlan, OneRankNeedsNoMeetingPoint) {
  EXPECT_EQ(plan({{"RANK", "0"}, {"WORLD_SIZE", "1"}}).size, 1U);
}

TEST(RankPlan, WrongVariablesAreNamed) {
  EXPECT_CONTAINS(plan_error({{"RANK", "0"}}), "environment variable WORLD_SIZE is not set");
  EXPECT_CONTAINS(plan_error({{"WORLD_SIZE", "2"}}), "environment variable RANK is not set");
  EXPECT_EQ(plan_error(changed(plain, "RANK", "3")),
            "environment variable RANK: expected an integer in 0..2, found '3'");
  EXPECT_CONTAINS(plan_error(changed(plain, "WORLD_SIZE", "two")), "found 'two'");
  EXPECT_CONTAINS(plan_error(changed(plain, "MASTER_PORT", "70000")), "expected an integer in");
  EXPECT_CONTAINS(plan_error(changed(plain, "LOCAL_WORLD_SIZE", "4")), "1..3, found '4'");
  EXPECT_CONTAINS(plan_error(changed(plain, "LOCAL_RANK", "3")), "0..2, found '3'");
}

TEST(RankPlan, DevicesMustNotContradictTheEnvironment) {
  EXPECT_EQ(plan_error(plain, 2),
            "devices: cpu:2 asks for 2 ranks on this node, but the environment (WORLD_SIZE=3) says "
            "that they are started already; give --set devices=cpu, or unset it");
}

}  // namespace
}  // namespace stationhit::training
