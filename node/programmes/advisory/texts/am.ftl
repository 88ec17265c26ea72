# Not yet read by a native speaker.
title = የእርሻ ምክር
exit = ውጣ
bye = እናመሰግናለን። ደህና ይሁኑ።
language = ቋንቋ - Language - Langue
yes = አዎ
no = አይ
today = ዛሬ
yesterday = ትናንት

menu-ask = ጥያቄ ጠይቅ
menu-answers = መልሶቼ
menu-planted = ዘርቻለሁ
menu-crop = ሰብል ወይም ምክር ቀይር
menu-rate = ጠቅሟል?
menu-leave = ምክር ይብቃኝ
menu-language = ቋንቋ

crop = የእርሻ ምክር። ዋና ሰብል?
maize = በቆሎ
beans = ባቄላ
cassava = ካሳቫ
topics = የትኛው ምክር?
growing = ማሳደግ
storing = ማከማቸት
selling = መሸጥ
group-code = የቡድንዎ ቁጥር?
no-code = የለኝም
consent = ቢሮው ስልክና ሰብል ይይዛል። ይስማማሉ?
refused = ምንም አልተቀመጠም። ቆይተው መቀላቀል ይችላሉ።
given-name = ስምዎ?
village = መንደርዎ?
joined = ተቀላቅለዋል። ምክር በSMS ይመጣል። ሲዘሩ ደውለው ይንገሩን። ለማቆም STOP።

question = ጥያቄዎ በአጭሩ?
asked = እናመሰግናለን። መልሱ በSMS ይመጣል፤ መልሶቼ ውስጥም ይቆያል።
answers = መልሶች፦
each-line = { $events }
no-answer = ገና መልስ የለም። በSMS ይመጣል።

planted-crop = ምን ዘሩ?
planted-day = መቼ ዘሩ?
planted = እናመሰግናለን። ምክሩ ይህን ቀን ይከተላል።

rating = ምክሩና መልሱ ጠቅሞዎታል?
rating-good = ጠቅሞኛል
rating-partly = በከፊል
rating-no = አልጠቀመኝም
rated = እናመሰግናለን። ለማሻሻል ይረዳናል።

leave = ምክር ይቁም?
has-left = ምክር አይመጣም። ለመመለስ ኮዱን ይደውሉ።

menu-questions = ያልተመለሱ ጥያቄዎች
menu-ratings = ጠቅሟል?
questions = የትኛው ጥያቄ?
no-question = ሁሉም ጥያቄ ተመልሷል።
reply = { $open_question }
    መልስዎ?
replied = መልሱ ተልኳል።
ratings = የገበሬዎች አስተያየት፦
no-rating = ገና አስተያየት የለም።

question-line = { $day }፦ { $question }
answer-line = { $day }፦ { $reply }
answer-text = ለጥያቄዎ፦ { $reply }
rating-line = { $day }፦ { $rating }
event-joined = ተቀላቀለ
event-left = ወጣ
event-planted = ዘራ
event-question = ጥያቄ
event-answer = መልስ
event-rating = አስተያየት

tip-maize-seed = በቆሎ፦ የታወቀ ዘር ይግዙ። 20 ፍሬ በእርጥብ ጨርቅ ይሞክሩ፤ በሳምንት ከ16 በታች ከበቀለ ሌላ ዘር ይውሰዱ።
tip-maize-weed = በቆሎ፦ ከተዘራ ሁለት ሳምንት ሆነ፤ አሁን ይረሙ። አረም በመጀመሪያ ስድስት ሳምንት በጣም ይጎዳል።
tip-maize-feed = በቆሎ፦ ጉልበት ደርሷል። አፈሩ እርጥብ ሲሆን ፍግ ወይም ማዳበሪያ ከግንዱ አጠገብ ያድርጉ፤ ቅጠል ላይ አይደለም።
tip-maize-harvest = በቆሎ፦ ልጣጩ ሲደርቅ ይሰብስቡ። ማሳ ላይ የቆየ እህል ይረጥባል፣ ይሻግታል።
tip-beans-seed = ባቄላ፦ ዘሩን በእጅ ይምረጡ። የተበሳ፣ ነጠብጣብ ያለው ወይም የተጨማደደ አይዝሩ።
tip-beans-weed = ባቄላ፦ አሁን ይረሙ፣ ከማበቡ በፊትም ድገሙ። ቅጠሉ እርጥብ ሳለ አይግቡ፤ በሽታ ያዛምታል።
tip-beans-flower = ባቄላ፦ በሳምንት ሁለቴ ከቅጠሉ ሥር ይመልከቱ። ቢጫ ወይም የተጠቀለለ ተክል ነቅለው ይቅበሩ።
tip-beans-harvest = ባቄላ፦ ፍሬው ሲደርቅና ቢጫ ሲሆን ጠዋት ይንቀሉ፤ እንዳይፈነዳ።
tip-cassava-seed = ካሳቫ፦ ከጤናማ ተክል አምስት እስከ ሰባት አይን ያለው ግንድ ይቁረጡ። ነጠብጣብ ያለውን ይተዉ።
tip-cassava-weed = ካሳቫ፦ አሁን ይረሙ፣ በሁለተኛና ሦስተኛ ወርም ድገሙ። ከዚያ ጥላው ይረዳዎታል።
tip-cassava-look = ካሳቫ፦ ትንሽ፣ የተጣመመ ወይም ቢጫ ቅጠል በሽታ ነው። ነቅለው ያቃጥሉ።
tip-cassava-harvest = ካሳቫ፦ አንዱን ቆፍረው ይቅመሱ። በሁለት ቀን የሚበሉትን ወይም የሚሸጡትን ብቻ ያውጡ።
tip-grain-dry = ማከማቸት፦ እህል በሸራ ላይ ያድርቁ፣ መሬት ላይ አይደለም። በጥርስ ሲሰበር ደርቋል።
tip-grain-keep = ማከማቸት፦ ደረቅ እህል በንጹሕ በታሰረ ከረጢት፣ ከመሬትና ከግድግዳ አርቀው ያስቀምጡ። በየሁለት ሳምንት ነቀዝ ይፈልጉ።
tip-cassava-keep = ማከማቸት፦ ጥሬ ካሳቫ ሁለት ቀን ይቆያል። ልጠው፣ ቆርጠው፣ በሸራ ላይ ያድርቁ።
tip-sell-price = መሸጥ፦ ከመሸጥዎ በፊት ሦስት ገዢ ዋጋ ይጠይቁ፤ ሲመዘን ይመልከቱ።
tip-sell-group = መሸጥ፦ ከጎረቤት ጋር ይሽጡ። ሙሉ ጭነት ጥሩ ዋጋ ያገኛል፣ የትራንስፖርት ወጪም ይካፈላል።

form-question = ጥያቄ
form-crop = ሰብል
form-topics = ምክር
form-code = የቡድን ቁጥር
form-consent = ፈቃድ
form-name = ስም
form-village = መንደር
