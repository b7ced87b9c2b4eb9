// Where the boxes of a drawing stand and what is written in them.
#include <map>
#include <regex>
#include <string>

#include <gtest/gtest.h>

#include <stationhit/architecture/drawing.hpp>

#include "future_networks.hpp"

namespace stationhit::architecture {
namespace {

struct Place {
  int x = 0, y = 0, width = 0, height = 0;
};

// The boxes by their titles.
std::map<std::string, Place> boxes_of(const std::string& svg) {
  const std::regex box(R"re(<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)" rx[^\n]*\n)re"
                       R"re(  <text [^>]*font-weight="bold">([^<]*)<)re");
  std::map<std::string, Place> boxes;
  for (std::sregex_iterator match(svg.begin(), svg.end(), box), end; match != end; ++match) {
    const auto number = [&](int i) { return std::stoi((*match)[static_cast<std::size_t>(i)]); };
    boxes[(*match)[5]] = {number(1), number(2), number(3), number(4)};
  }
  return boxes;
}

std::string drawing_of(const std::string& name, std::int32_t blocks) {
  ModelConfig config;
  config.architecture = name;
  config.blocks = blocks;
  return draw_network(describe_network(config, {"localX", "driftR"}), {"2 numbers", "one per hit"});
}

TEST(Drawing, StagesOfAChainStandBelowEachOther) {
  const auto boxes = boxes_of(drawing_of("edgeconv", 2));
  ASSERT_EQ(boxes.size(), 7U);
  int y = boxes.at("features").y;
  for (const char* name : {"encoding", "input", "blocks.0", "blocks.1", "head", "logit"}) {
    EXPECT_EQ(boxes.at(name).x, boxes.at("features").x);
    EXPECT_EQ(boxes.at(name).y, y += 78) << name;
  }
}

TEST(Drawing, TextsAndParametersStandInTheBoxes) {
  const std::string svg = drawing_of("edgeconv", 1);
  for (const char* text : {">2 numbers<", ">one per hit<", ">fourier, 2 -&gt; 52<",
                           ">EdgeConv 64 -&gt; 64, max over the neighbors<", ">8256 parameters<"})
    EXPECT_NE(svg.find(text), std::string::npos) << text;
}

TEST(Drawing, BandsStandSideBySide) {
  const std::string svg = drawing_of("edgeconv_attention", 1);
  const auto boxes = boxes_of(svg);
  const Place first = boxes.at("bands.0");
  for (const char* name : {"bands.1", "bands.2", "bands.3"}) {
    EXPECT_EQ(boxes.at(name).y, first.y);
    EXPECT_GE(boxes.at(name).x, first.x + first.width) << name;
  }
  EXPECT_GE(boxes.at("bands").y, first.y + first.height);
  // Their texts are broken at the comma.
  EXPECT_NE(svg.find(">max over the neighbors<"), std::string::npos);
}

TEST(Drawing, AnArrowThatPassesALevelRunsDownTheSide) {
  const std::string svg = draw_network(network_with_tokens(), {});
  const auto boxes = boxes_of(svg);
  const Place input = boxes.at("input");
  const std::string start = "M" + std::to_string(input.x + input.width) + " " +
                            std::to_string(input.y + input.height / 2) + " H";
  EXPECT_NE(svg.find(start), std::string::npos);
  EXPECT_GT(boxes.at("joined").y, boxes.at("spread").y);
}

}  // namespace
}  // namespace stationhit::architecture
