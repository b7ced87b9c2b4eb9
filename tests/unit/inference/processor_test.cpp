#include <sstream>

#include <gtest/gtest.h>

#include <stationhit/inference/processor.hpp>

namespace stationhit {
namespace {

TEST(Processor, VnniIsAFlag) {
  const auto vnni = [](const std::string& text) {
    std::istringstream cpuinfo(text);
    return inference::find_vnni(cpuinfo);
  };
  EXPECT_EQ(vnni("processor: 0\nflags\t\t: fpu avx2 avx512_vnni\n"), inference::Vnni::present);
  EXPECT_EQ(vnni("flags\t\t: fpu avx_vnni sse\n"), inference::Vnni::present);
  EXPECT_EQ(vnni("flags\t\t: fpu avx2 avx512f\n"), inference::Vnni::missing);
  EXPECT_EQ(vnni("processor: 0\nFeatures: asimd asimddp\n"), inference::Vnni::not_x86);
}

TEST(Processor, NamesTheInstructionsThatMatter) {
  using Names = std::vector<std::string>;
  const auto names = [](const std::string& text) {
    std::istringstream cpuinfo(text);
    return inference::instruction_sets(cpuinfo);
  };
  const std::string core = "flags\t\t: fpu avx2 sse avx512f avx512_vnni avx512_bf16\nbugs: x\n";
  const Names expected{"avx2", "avx512f", "avx512_vnni", "avx512_bf16"};
  EXPECT_EQ(names("processor: 0\n" + core), expected);
  EXPECT_EQ(names(core + core), expected);
  EXPECT_EQ(names("processor: 0\nFeatures\t: fp asimd asimddp bf16\n"),
            (Names{"asimd", "asimddp", "bf16"}));
  EXPECT_EQ(names("nothing\n"), Names{});
}

}  // namespace
}  // namespace stationhit
