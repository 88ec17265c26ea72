# Not yet read by a native speaker.
title = ማስጠንቀቂያና ሪፖርት
exit = ውጣ
bye = እናመሰግናለን። ደህና ይሁኑ።
language = ቋንቋ - Language - Langue
menu-warnings = የአሁን ማስጠንቀቂያ
menu-report = አደጋ አሳውቅ
menu-follow-ups = ስለ ሪፖርቴ
menu-reports = ክፍት ሪፖርቶች
menu-warn = አካባቢ አስጠንቅቅ
menu-over = ማስጠንቀቂያ ጨርስ
menu-language = ቋንቋ

warnings = የአሁን ማስጠንቀቂያ፦
no-warning = አሁን ማስጠንቀቂያ የለም።
advice = አብረው ይሁኑ። ውሃ፣ ምግብ፣ መድኃኒት ይያዙ። መሄድ የማይችሉትን ይርዱ።
each-line = { $events }

kind = ምን ሆነ?
flood = የውሃ ጎርፍ
fire = የእሳት አደጋ
slide = የመሬት ናዳ
storm = ከባድ ማዕበል
sickness = ብዙ ታማሚ ሰዎች
other = ሌላ ነገር
place = የት?
hurt = ስንት ሰው ተጎዳ? ከሌለ 0
kept = ለወረዳ ይላካል፤ የጻፉት ይቀመጣል። ይላክ?
send = ላክ
cancel = ተው
cancelled = ምንም አልተላከም።
reported = እናመሰግናለን። ወረዳው አውቋል። አደጋ ካለ መጀመሪያ ወደ ደህና ቦታ ይሂዱ።
follow-ups = ስለ ሪፖርትዎ፦
no-follow-up = ገና አዲስ ነገር የለም።

reports = የትኛው ሪፖርት?
no-report = ክፍት ሪፖርት የለም።
outcome = ምን እየተደረገ ነው?
outcome-help = እርዳታ እየመጣ ነው
outcome-noted = ተመዝግቧል
outcome-closed = አልቋል
followed-up = ተቀምጧል። የተመዘገበ ከሆነ SMS ይሄዳል።

warn-kind = ስለ ምን?
level = ምን ያህል አስቸኳይ?
level-watch = ይጠንቀቁ
level-ready = ለመውጣት ይዘጋጁ
level-leave = አሁን ይውጡ
warn-place = ለየት?
warn-sure = { $incident_place }፦ { $kind }። { $level }?
warned = ማስጠንቀቂያው ወጥቷል፤ ባለሙያዎች ይነገራቸዋል።
over-which = የትኛው አበቃ?
is-over = ማስጠንቀቂያው አብቅቷል።

warning-line = { $day } { $kind }፣ { $incident_place }፦ { $level }
warning-text = ማስጠንቀቂያ፦ { $kind }፣ { $incident_place }። { $level }። ለሰዎቹ አሁን ይንገሩ።
incident-line = { $day } { $kind }፣ { $incident_place }፦ { $hurt }
incident-text = ሪፖርት፦ { $kind }፣ { $incident_place }፣ { $hurt } ተጎድቷል። { $who } { $caller }
follow-up-line = { $day }፦ { $outcome }
follow-up-text = ስለ ሪፖርትዎ፦ { $outcome }።
event-warning = ማስጠንቀቂያ
event-over = የማስጠንቀቂያ ፍጻሜ
event-incident = ሪፖርት
event-follow-up = ምላሽ

form-kind = አደጋ
form-place = ቦታ
form-hurt = የተጎዱ
