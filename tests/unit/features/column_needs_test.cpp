#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>

#include <stationhit/features/column_needs.hpp>

namespace stationhit::features {
namespace {

using Names = std::vector<std::string>;

TEST(ColumnNeeds, NamesWhatFeaturesAndGraphRead) {
  const ColumnNeeds needs(Names{"covY", "bucket_density"}, {}, NeededBy::caller);
  EXPECT_EQ(needs.names(true),
            (Names{"bucket_xMin", "bucket_xMax", "bucket_spacePoints", "spacePoint_PositionY",
                   "spacePoint_PositionZ", "spacePoint_covYY"}));
  const Names without = needs.names(false);
  EXPECT_EQ(std::ranges::count(without, "bucket_xMin"), 0);
  EXPECT_EQ(std::ranges::count(without, "spacePoint_globEdgeLowX"), 1);
}

TEST(ColumnNeeds, SaysWhatACallerCanDo) {
  const core::Event event = test::random_event(5, 100, 1);
  core::EventColumns columns(event);
  columns.hits.cov_yy = {};
  const ColumnNeeds of_caller(Names{"covY"}, {}, NeededBy::caller);
  EXPECT_EQ(test::data_error([&] { of_caller.check(columns, "the event of a test"); }),
            "the event of a test: the event has no spacePoint_covYY, but the feature covY needs "
            "it; give the column, or leave the feature out");
  const ColumnNeeds of_model(Names{"covY"}, {}, NeededBy::model);
  EXPECT_CONTAINS(test::data_error([&] { of_model.check(columns, "event"); }),
                  "the feature covY of the model needs it; give the column, or use another model");
  const ColumnNeeds of_others(Names{"localX"}, {}, NeededBy::caller);
  EXPECT_NO_THROW(of_others.check(columns, "event"));
}

TEST(ColumnNeeds, AnEventWithoutHitsNeedsNothing) {
  const ColumnNeeds needs(Names{"covY"}, {}, NeededBy::caller);
  EXPECT_NO_THROW(needs.check({}, "event"));
}

TEST(ZeroColumns, StandInForWhatTheCanonicalOrderReads) {
  const core::Event event = test::random_event(5, 100, 1);
  core::EventColumns columns(event);
  columns.hits.channel = {};
  columns.hits.cov_yy = {};
  ZeroColumns zeros;
  zeros.fill_in(columns.hits);
  ASSERT_EQ(columns.hits.channel.size(), 100U);
  EXPECT_EQ(std::ranges::count(columns.hits.channel, 0), 100);
  EXPECT_TRUE(columns.hits.cov_yy.empty());
  EXPECT_EQ(columns.hits.layer.data(), event.hits.layer.data());
}

TEST(CheckTechnologies, NamesPlaceAndCode) {
  const std::vector<std::uint8_t> codes{0, 5, 6};
  EXPECT_NO_THROW(check_technologies(std::span(codes).first(2), "event"));
  EXPECT_CONTAINS(test::data_error([&] { check_technologies(codes, "event 3"); }),
                  "event 3: spacePoint_technology[2] = 6, expected 0 to 5");
}

}  // namespace
}  // namespace stationhit::features
