#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include <stationhit/inference/processor.hpp>

namespace stationhit::inference {
namespace {

constexpr std::array<std::string_view, 18> of_interest{
    "avx2",        "fma",         "avx_vnni",    "avx512f",  "avx512bw", "avx512vl",
    "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16",
    "asimd",       "asimddp",     "sve",         "sve2",     "i8mm",     "bf16"};

// The words of the first line that begins with this name.
std::vector<std::string> words_of_line(std::istream& cpuinfo, std::string_view name) {
  for (std::string line; std::getline(cpuinfo, line);) {
    if (!line.starts_with(name)) continue;
    std::istringstream words(line);
    return {std::istream_iterator<std::string>(words), {}};
  }
  return {};
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

}  // namespace

std::vector<std::string> instruction_sets(std::istream& cpuinfo) {
  const std::string text{std::istreambuf_iterator<char>(cpuinfo), {}};
  std::vector<std::string> found;
  for (const char* name : {"flags", "Features"}) {
    std::istringstream lines(text);
    const auto words = words_of_line(lines, name);
    for (const std::string_view word : of_interest)
      if (contains(words, word)) found.emplace_back(word);
  }
  return found;
}

std::vector<std::string> instruction_sets() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  return instruction_sets(cpuinfo);
}

Vnni find_vnni(std::istream& cpuinfo) {
  const auto words = words_of_line(cpuinfo, "flags");
  if (words.empty()) return Vnni::not_x86;
  return contains(words, "avx512_vnni") || contains(words, "avx_vnni") ? Vnni::present
                                                                       : Vnni::missing;
}

}  // namespace stationhit::inference
