// Texts that are no YAML.
#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/config/load.hpp>

#include "run_error.hpp"

namespace stationhit::config {
namespace {

TEST(YamlGuard, SameKeyTwice) {
  EXPECT_EQ(run_error("seed: 1\nthreads: 2\nseed: 3\n"),
            "run.yaml:3: seed: this key is there twice");
}

TEST(YamlGuard, BrokenYaml) {
  EXPECT_EQ(run_error("seed: 1\nfeatures: [localX\n").substr(0, 26), "run.yaml:3: not valid YAML");
  EXPECT_NE(run_error("seed: 1\n---\nseed: 2\n").find("expected one YAML document, found 2"),
            std::string::npos);
}

TEST(YamlGuard, TextsThatAreNoValueEndAtOnce) {
  const std::string reason =
      "not valid YAML: a value cannot begin with this character; put the value into quotes";
  EXPECT_EQ(run_error(","), "run.yaml:1: " + reason);
  EXPECT_CONTAINS(run_error("\n\n]"), "run.yaml:3: not valid YAML: ");
  EXPECT_EQ(run_error("", {"seed=,"}), "--set seed=,:1: " + reason);
  EXPECT_CONTAINS(run_error("[1] ,"), "run.yaml:1: expected one YAML document, found 2");
  EXPECT_CONTAINS(run_error(std::string(100'000, '[')), "run.yaml:1: not valid YAML: ");
}

TEST(YamlGuard, TextsThatAreNotUtf8) {
  EXPECT_EQ(run_error("seed: 1\nsample_label: M\xFCnchen\n"),
            "run.yaml:2: the byte 0xFC is not UTF-8 text; save the file with the encoding UTF-8");
  EXPECT_EQ(run_error("", {"sample_label=M\xFCnchen"}),
            "--set sample_label=M\xFCnchen:1: the byte 0xFC is not UTF-8 text; save the file with "
            "the encoding UTF-8");
  EXPECT_EQ(run_error("seed: 1\nsample_label: \x1B[31m\n"),
            "run.yaml:2: the control character 0x1B is not permitted in YAML; remove it");
  EXPECT_EQ(parse_text<RunConfig>("sample_label: M\xC3\xBCnchen", "").sample_label,
            "M\xC3\xBCnchen");
}

TEST(YamlGuard, Tabs) {
  EXPECT_EQ(run_error("training:\n\tepochs: 3\n"),
            "run.yaml:2: not valid YAML: line 2 is indented with a tab, YAML needs spaces");
  EXPECT_EQ(parse_text<RunConfig>("seed:\t7\n", "").seed, 7U);
}

}  // namespace
}  // namespace stationhit::config
