#include <array>

#include <gtest/gtest.h>

#include <stationhit/core/sample_info.hpp>

namespace stationhit::core {
namespace {

TEST(SampleInfo, FilesOfOneKindStayThat) {
  const std::array parts{SampleInfo{"Toy simulation", {200}}, SampleInfo{"Toy simulation", {200}}};
  EXPECT_EQ(combine_samples(parts), (SampleInfo{"Toy simulation", {200}}));
  EXPECT_EQ(combine_samples({}), SampleInfo{});
}

TEST(SampleInfo, SeveralPileUpsAreKeptAscending) {
  const std::array parts{SampleInfo{"Toy simulation", {200}}, SampleInfo{"Toy simulation", {20}},
                         SampleInfo{"Toy simulation", {60}}};
  EXPECT_EQ(combine_samples(parts), (SampleInfo{"Toy simulation", {20, 60, 200}}));
  EXPECT_EQ(mu_text(combine_samples(parts)), "20 - 200");
}

TEST(SampleInfo, AFileThatDoesNotSayHidesWhatOthersSay) {
  const std::array parts{SampleInfo{"Toy simulation", {200}}, SampleInfo{}};
  EXPECT_EQ(combine_samples(parts), (SampleInfo{"Several samples", {}}));
}

TEST(SampleInfo, TextOfThePileUp) {
  EXPECT_EQ(mu_text({"", {}}), "");
  EXPECT_EQ(mu_text({"", {62.5}}), "62.5");
  EXPECT_EQ(pile_up_line({"", {62.5}}, "mu"), "mu = 62.5");
  EXPECT_EQ(pile_up_line({"", {}}, "mu"), "");
}

}  // namespace
}  // namespace stationhit::core
