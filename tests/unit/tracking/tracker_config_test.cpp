#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/tracking/tracker_config.hpp>

namespace stationhit::tracking {
namespace {

TEST(TrackerConfig, TrackersAreListedOnce) {
  EXPECT_NO_THROW(check_trackers({}));
  EXPECT_NO_THROW(check_trackers(known_trackers()));
  EXPECT_EQ(test::config_error([] {
              check_trackers({"tensorboard", "tensorboard"});
            }),
            "trackers has tensorboard twice, list it once");
}

}  // namespace
}  // namespace stationhit::tracking
