# Not yet read by a native speaker.
title = ትምህርት
exit = ውጣ
bye = እናመሰግናለን። ደህና ይሁኑ።
language = ቋንቋ - Language - Langue
yes = አዎ
no = አይ

menu-quiz = ፈተና ውሰድ
menu-result = የመጨረሻ ፈተናዬ
menu-course = ሌላ ትምህርት
menu-leave = ትምህርት ይብቃኝ
menu-language = ቋንቋ
menu-learners = የተቀላቀሉ
menu-done-water = ፈተና፦ ውሃ
menu-done-money = ፈተና፦ ገንዘብ

course = ሳምንታዊ ትምህርት። የቱ?
water = ንጹህ ውሃ
money = የቤት ገንዘብ
consent = ቢሮው ስም፣ ስልክና መልስ ይይዛል። ይስማማሉ?
given-name = ስምዎ?
village = መንደርዎ?
joined = ተቀላቅለዋል። የመጀመሪያው ትምህርት ነገ በSMS ይመጣል። ለማቆም STOP።
which-quiz = የትኛው ፈተና?

w1 = ውሃ ለመጠጥ ደህና የሚሆነው?
w1-clear = ሲጠራ
w1-boiled = ከፈላ በኋላ
w1-cold = ሲቀዘቅዝ
w2 = እጅ በምን ይታጠባል?
w2-soap = በሳሙናና ውሃ
w2-water = በውሃ ብቻ
w2-cloth = በደረቅ ጨርቅ
w3 = ንጹህ ውሃ የት ይቀመጥ?
w3-open = ክፍት ባልዲ
w3-floor = መሬት ላይ
w3-closed = ዝግ ጀሪካን

m1 = ምን ይጽፋሉ?
m1-all = የገባና የወጣ
m1-large = ትልቁን
m1-none = ምንም
m2 = መቼ ይቆጥባሉ?
m2-rest = ከተረፈው
m2-first = መጀመሪያ
m2-never = አልፎ አልፎ
m3 = ከመበደር በፊት?
m3-take = መውሰድ
m3-ask = ወጪ መጠየቅ
m3-hide = መደበቅ

score-0 = ከ3ቱ 0 ትክክል። ትምህርቱን አንብበው እንደገና ይሞክሩ።
score-1 = ከ3ቱ 1 ትክክል። ትምህርቱን አንብበው እንደገና ይሞክሩ።
score-2 = ከ3ቱ 2 ትክክል። ጎበዝ፦ አልፈዋል።
score-3 = 3ቱም ትክክል። ጎበዝ፦ አልፈዋል።

no-result = ገና ፈተና አልወሰዱም።
result-w1 = { $case_w1 }
    ልክ፦ ከፈላ በኋላ
result-w2 = { $case_w2 }
    ልክ፦ በሳሙናና ውሃ
result-w3 = { $case_w3 }
    ልክ፦ ዝግ ጀሪካን
result-m1 = { $case_m1 }
    ልክ፦ የገባና የወጣ
result-m2 = { $case_m2 }
    ልክ፦ መጀመሪያ
result-m3 = { $case_m3 }
    ልክ፦ ወጪ መጠየቅ

leave = ትምህርት ይቁም?
has-left = ትምህርት አይመጣም። ለመመለስ ኮዱን ይደውሉ።
nobody = ገና ማንም የለም።
newest = አዲሶቹ፦
each-line = { $events }

lesson-water-1 = ትምህርት 1፦ የጠራ ውሃ ሊያሳምም ይችላል። አንድ ደቂቃ በደንብ ያፍሉት፤ በዚያው ድስት ይቀዝቅዝ።
lesson-water-2 = ትምህርት 2፦ ከመጸዳጃ በኋላ፣ ከማብሰል፣ ከመብላትና ሕጻን ከመመገብ በፊት እጅ በሳሙናና ውሃ ይታጠቡ።
lesson-water-3 = ትምህርት 3፦ ንጹህ ውሃ ዝግ ጀሪካን ያስቀምጡ። እጅ ወይም ኩባያ አይንከሩ።
lesson-money-1 = ትምህርት 1፦ ለአንድ ሳምንት የገባውንና የወጣውን ሁሉ ይጻፉ። የት እንደሚሄድ ያያሉ።
lesson-money-2 = ትምህርት 2፦ ደመወዝ ቀን ከመግዛትዎ በፊት ትንሽ ያስቀምጡ። የሚተርፍ ብዙ ጊዜ የለም።
lesson-money-3 = ትምህርት 3፦ ከመበደርዎ በፊት በጠቅላላ ስንት እንደሚመልሱና መቼ ይጠይቁ። ሁለት አበዳሪ ያወዳድሩ።
quiz-notice = የሦስት ጥያቄ ፈተናዎ ተከፍቷል። ኮዱን ይደውሉ።

joined-line = { $day } { $who } { $course }
quiz-line = { $day } { $who }
event-joined = ትምህርት ጀመረ
event-left = ወጣ
event-quiz-water = ፈተና፦ ውሃ
event-quiz-money = ፈተና፦ ገንዘብ

form-1 = መልስ 1
form-2 = መልስ 2
form-3 = መልስ 3
