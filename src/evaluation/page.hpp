// The parts that the pages of this module share. Private to the module. Pages are one file without
// scripts or external resources, so that they can be mailed or archived. All text from outside is
// escaped.
#pragma once

#include <string>
#include <vector>

#include <stationhit/core/sample_info.hpp>

#include "outputs.hpp"

namespace stationhit::evaluation {

// Up to the heading and, where they are known, origin and pile-up of the sample under it.
[[nodiscard]] std::string page_head(const std::string& title, const core::SampleInfo& sample);
inline constexpr const char* page_end = "</body>\n</html>\n";

// Titles are markup.
[[nodiscard]] std::string table_head(const std::vector<std::string>& titles);
inline constexpr const char* table_end = "</table></div>\n";

[[nodiscard]] std::string cell(const std::string& text);
// "0.655 [0.651, 0.659]" with the interval in smaller print under the value.
[[nodiscard]] std::string value_cell(const std::string& text);

// The figures below their sections, which appear in the order of their first figure; files in
// plots/ beside the page.
[[nodiscard]] std::string figure_sections(const std::vector<WrittenFigure>& figures);

}  // namespace stationhit::evaluation
