// What ROOT leaves out of a PDF file: its fonts and a title. Private to the module.
#pragma once

#include <filesystem>
#include <string>

namespace stationhit::plots {

// Adds the fonts of figures (draw_texts.hpp) to a PDF file that ROOT wrote, with the fonts that
// ROOT has beside its libraries, removes those that no figure uses from its list, and gives it the
// title. A file of another form, and one whose fonts are not found, stays as it is.
void complete_pdf(const std::filesystem::path& file, const std::string& title);

}  // namespace stationhit::plots
