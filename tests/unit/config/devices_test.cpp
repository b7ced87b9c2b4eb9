// The forms of the key `devices` and what they are on machines with and without GPUs.
#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/config/devices.hpp>
#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>

namespace stationhit::config {
namespace {

using Kind = DeviceRequest::Kind;

std::string plan_error(const std::string& devices, std::uint32_t n_gpus) {
  return test::config_error([&] { (void)plan_devices(devices, n_gpus); });
}

TEST(Devices, EveryForm) {
  EXPECT_EQ(parse_devices("cpu"), (DeviceRequest{Kind::cpu_ranks, 1, {}}));
  EXPECT_EQ(parse_devices("cpu:2"), (DeviceRequest{Kind::cpu_ranks, 2, {}}));
  EXPECT_EQ(parse_devices("auto"), (DeviceRequest{Kind::automatic, 1, {}}));
  EXPECT_EQ(parse_devices("4"), (DeviceRequest{Kind::count, 4, {}}));
  EXPECT_EQ(parse_devices("-1"), (DeviceRequest{Kind::all_gpus, 0, {}}));
  EXPECT_EQ(parse_devices("[0, 2]"), (DeviceRequest{Kind::gpus, 0, {0, 2}}));
  EXPECT_EQ(parse_devices("[3]"), (DeviceRequest{Kind::gpus, 0, {3}}));
}

TEST(Devices, OtherTextsAreNone) {
  for (const char* text : {"", "cuda", "gpu", "CPU", "0", "-2", "1.5", "cpu:", "cpu:0", "cpu:-1",
                           "cpu:1025", "cpu:2x", "[]", "[0", "[0,]", "[0, 0]", "[-1]", "[a]"})
    EXPECT_FALSE(parse_devices(text)) << text;
}

TEST(Devices, AreReadFromYaml) {
  const auto read = [](const char* yaml) { return parse_text<RunConfig>(yaml, "x").devices; };
  EXPECT_EQ(read(""), "cpu");
  EXPECT_EQ(read("devices: 2"), "2");
  EXPECT_EQ(read("devices: -1"), "-1");
  EXPECT_EQ(read("devices: [0, 2]"), "[0, 2]");
  EXPECT_EQ(read("devices: cpu:2"), "cpu:2");
  for (const char* devices : {"cpu", "cpu:2", "auto", "2", "-1", "[0, 2]"}) {
    RunConfig run;
    run.devices = devices;
    EXPECT_EQ(parse_text<RunConfig>(dump(run), "x").devices, devices);
  }
  for (const char* devices : {"cuda", "[0, 0]", "[[0]]", "0", "null", "{a: 1}"})
    EXPECT_CONTAINS(
        test::config_error([&] { (void)read(("devices: " + std::string(devices)).c_str()); }),
        "x:1: devices: expected cpu, cpu:N, auto, N, -1 or a list of GPU numbers, found");
}

TEST(Devices, WhatIsWrongWithAListIsSaid) {
  const auto error = [](const std::string& devices) {
    return test::config_error(
        [&] { (void)parse_text<RunConfig>("devices: " + devices, "x").devices; });
  };
  const std::string expected =
      "x:1: devices: expected cpu, cpu:N, auto, N, -1 or a list of GPU numbers, found ";
  EXPECT_EQ(error("[0, 0]"), expected +
                                 "the list [0, 0]: GPU 0 is there twice; give each once (a rank "
                                 "has one)");
  EXPECT_EQ(error("[]"), expected + "the list []: the list is empty; give numbers of GPUs, or cpu");
  EXPECT_EQ(error("[0, cuda]"),
            expected + "the list [0, cuda]: 'cuda' is no number of a GPU; they are counted from 0");
  EXPECT_EQ(error("cuda"), expected + "'cuda'");
}

TEST(Devices, GpusThatWereAskedForCanBeMissing) {
  EXPECT_TRUE(misses_gpus("2", plan_devices("2", 0)));
  EXPECT_FALSE(misses_gpus("2", plan_devices("2", 2)));
  EXPECT_FALSE(misses_gpus("cpu:2", plan_devices("cpu:2", 0)));
  EXPECT_FALSE(misses_gpus("auto", plan_devices("auto", 0)));
}

TEST(Devices, WithoutGpusCountsAreRanksOnTheCpu) {
  EXPECT_EQ(plan_devices("cpu", 0), (DevicePlan{1, {}}));
  EXPECT_EQ(plan_devices("auto", 0), (DevicePlan{1, {}}));
  EXPECT_EQ(plan_devices("cpu:3", 0), (DevicePlan{3, {}}));
  EXPECT_EQ(plan_devices("1", 0), (DevicePlan{1, {}}));
  EXPECT_EQ(plan_devices("2", 0), (DevicePlan{2, {}}));
  const std::string none =
      ", but this LibTorch finds no GPU (its build has no CUDA, or the machine has none); write "
      "cpu, or cpu:2 for two ranks on the CPU";
  EXPECT_EQ(plan_error("-1", 0), "devices: -1 asks for all GPUs" + none);
  EXPECT_EQ(plan_error("[0]", 0), "devices: [0] asks for GPU 0" + none);
}

TEST(Devices, WithGpus) {
  EXPECT_EQ(plan_devices("cpu:2", 4), (DevicePlan{2, {}}));
  EXPECT_EQ(plan_devices("auto", 4), (DevicePlan{0, {0, 1, 2, 3}}));
  EXPECT_EQ(plan_devices("2", 4), (DevicePlan{0, {0, 1}}));
  EXPECT_EQ(plan_devices("-1", 3), (DevicePlan{0, {0, 1, 2}}));
  EXPECT_EQ(plan_devices("[2, 0]", 3), (DevicePlan{0, {2, 0}}));
  EXPECT_EQ(plan_error("2", 1),
            "devices: 2 asks for 2 GPUs, but there is 1 GPU, numbered from 0; write the numbers of "
            "these, or cpu");
  EXPECT_CONTAINS(plan_error("[0, 2]", 2), "asks for GPU 2, but there are 2 GPUs");
}

TEST(Devices, EveryRankHasItsGpu) {
  EXPECT_EQ(gpu_of_rank({2, {}}, "cpu:2", 1), std::nullopt);
  EXPECT_EQ(gpu_of_rank({0, {2, 0}}, "[2, 0]", 0), 2U);
  EXPECT_EQ(gpu_of_rank({0, {2, 0}}, "[2, 0]", 1), 0U);
  EXPECT_EQ(gpu_of_rank({0, {0}}, "1", 3), 0U) << "the only one that a batch system shows";
  EXPECT_EQ(test::config_error([] {
              (void)gpu_of_rank({0, {0, 1}}, "2", 2);
            }),
            "devices: 2 gives 2 GPU(s), but this is rank 2 (from 0) of this node; start as many "
            "ranks as GPUs, or give --set devices=-1");
}

TEST(Devices, OtherVerbsHaveOneRank) {
  for (const char* devices : {"cpu", "cpu:1", "auto", "1"})
    EXPECT_NO_THROW(require_single_rank(devices, "study")) << devices;
  for (const char* devices : {"cpu:2", "2", "-1", "[0]", "[0, 1]"})
    EXPECT_CONTAINS(test::config_error([&] { require_single_rank(devices, "study"); }),
                    "study runs on one rank on the CPU; give --set devices=cpu");
}

}  // namespace
}  // namespace stationhit::config
