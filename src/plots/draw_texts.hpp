// The texts of a figure on ROOT's current pad. Private to the module.
#pragma once

#include <string>
#include <vector>

#include "layout.hpp"

namespace stationhit::plots {

inline constexpr short font = 42, bold_font = 62;  // Helvetica in ROOT's numbering

// The height in pixels, `height` at most, at which the longest of the texts is `width` pixels long.
[[nodiscard]] double fit_height(const std::vector<std::string>& texts, double height, double width,
                                const Canvas& canvas);

// The lines above the frame, the titles of the axes and the labels of logarithmic axes.
void draw_texts(const Figure& figure, const Layout& layout);

}  // namespace stationhit::plots
