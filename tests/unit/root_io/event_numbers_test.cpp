#include <gtest/gtest.h>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/root_io/event_numbers.hpp>

namespace stationhit::root_io {
namespace {

TEST(EventNumbers, AreThoseOfTheEvents) {
  const test::ScratchFolder folder;
  MuonHitDumpWriter writer(folder / "a.root");
  std::vector<EventNumbers> expected;
  for (std::uint32_t n = 0; n < 30; ++n) {
    core::Event event = test::random_event(n, 10, 1);
    event.header.run_number = 4'000'000'000U + n;
    event.header.event_number = (std::uint64_t{1} << 40U) + 7 * n;
    writer.write(event);
    expected.push_back({event.header.run_number, event.header.event_number});
  }
  writer.close();
  EXPECT_EQ(read_event_numbers(folder / "a.root"), expected);
}

}  // namespace
}  // namespace stationhit::root_io
