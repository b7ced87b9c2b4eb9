#include <algorithm>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/architecture/size_text.hpp>

namespace stationhit::architecture {
namespace {

std::string sizes_of(const std::string& name, std::vector<std::int32_t> head = {32, 16}) {
  ModelConfig config;
  config.architecture = name;
  config.head = std::move(head);
  return size_text(config, describe_network(config, {"localX"}));
}

TEST(SizeText, NamesTheSizesThatTheNetworkHas) {
  EXPECT_EQ(sizes_of("edgeconv"), "width 64, 13 scales, head 32, head 16");
  EXPECT_EQ(sizes_of("edgeconv", {}), "width 64, 13 scales");
  EXPECT_EQ(sizes_of("edgeconv_gat"), "width 64, 13 scales, 4 heads, head 32, head 16");
  EXPECT_EQ(sizes_of("edgeconv_attention"),
            "width 64, 13 scales, 4 heads, feed-forward 128, head 32, head 16");
}

TEST(SizeText, TableHasARowPerStageAndTheirSum) {
  ModelConfig config;
  config.architecture = "edgeconv_attention";
  config.blocks = 1;
  const std::string table =
      stage_table(describe_network(config, {"localX"}), {1000, {{"hits", {16000, 31000, 30}}}});
  EXPECT_EQ(table.find("network edgeconv_attention"), 0U);
  EXPECT_NE(table.find("blocks.0.attention           self-attention, 4 heads over the bucket"),
            std::string::npos);
  EXPECT_NE(table.find("\nsum "), std::string::npos);
  // Title, encoding, four bands, attention, feed-forward, head and sum; no row of the
  // concatenation.
  EXPECT_EQ(std::ranges::count(table, '\n'), 10);
}

}  // namespace
}  // namespace stationhit::architecture
