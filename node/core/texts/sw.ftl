# Not yet read by a native speaker.

key-back = 00 Rudi
key-more = 99 Zaidi

resume-question = Uendelee ulipoishia?
resume-yes = Ndiyo
resume-no = Hapana
village-question = Andika namba ya kijiji chako.
home-title = Huduma
home-exit = Toka
home-bye = Asante. Kwaheri.
home-language = Lugha
busy = Huduma ina shughuli nyingi. Tafadhali jaribu tena baada ya dakika chache.
failed = Hitilafu imetokea, hakuna kilichohifadhiwa. Tafadhali jaribu tena baadaye.
no-service = Hakuna huduma kwa namba hii hapa. Tafadhali muulize mhudumu wa afya.
session-ended = Mazungumzo haya yamekwisha. Tafadhali piga tena.
phone-without-number = Simu hii bado haina namba. Tafadhali omba namba kwa msimamizi wa mtandao huu, kisha piga tena.
session-too-long = Hatua zimekuwa nyingi mno. Tafadhali piga tena.
line-too-narrow = Laini hii haiwezi kuonyesha huduma hii. Tafadhali tumia SMS.

refuse-choice = Tafadhali andika moja ya namba zilizoonyeshwa.
refuse-choices = Tafadhali andika namba zinazofaa, kama 1 3.
refuse-empty = Tafadhali andika jibu.
refuse-name = Tafadhali andika jina kwa herufi.
refuse-text = Tafadhali andika herufi, tarakimu na nafasi tu.
refuse-identifier = Tafadhali andika herufi au tarakimu { $min } hadi { $max }.
refuse-phone = Tafadhali andika namba kamili ya simu.
refuse-number = Tafadhali andika namba kati ya { $min } na { $max }.
refuse-day = Tafadhali andika siku kama { $example }.
refuse-year-or-day = Tafadhali andika mwaka kama { $year } au siku kama { $example }.
refuse-month-or-day = Tafadhali andika mwezi kama { $month } au siku kama { $example }.
refuse-any-date = Tafadhali andika mwaka, mwezi au siku kama { $year }, { $month } au { $example }.
refuse-future = Siku hiyo haijafika. Tafadhali andika siku ya awali.
refuse-old = Ni zamani mno. Tafadhali andika { $earliest } au baadaye.
refuse-recent = Ni karibuni mno. Tafadhali andika { $latest } au kabla.
refuse-ahead = Ni mbali mno. Tafadhali andika { $latest } au kabla.
refuse-long = Ni ndefu mno. Tafadhali andika herufi { $limit } au chini.
refuse-page = Hakuna zaidi. Tafadhali andika moja ya namba zilizoonyeshwa.
refuse-registration-number = Tafadhali andika tarakimu { $short } au { $long } za namba.
refuse-check-digit = Tarakimu moja si sahihi. Tafadhali angalia namba na uandike tena.
refuse-amount = Tafadhali andika kiasi kati ya { $min } na { $max }.
refuse-pin = Tafadhali andika tarakimu { $min } hadi { $max }.

## Keyword forms: which answer is wrong, and what to type.
form-refused = { $field }: { $fix } Hakuna kilichohifadhiwa.
form-choices = Tafadhali andika moja ya hizi: { $choices }.
form-name = Tafadhali andika jina lake, kama { $example }.
form-sample = Tafadhali tuma hivi: { $sample }

status-held = imehifadhiwa hapa
status-carried = imefika kituoni
status-accepted = imekubaliwa
status-effective = imekamilika
status-rejected = imekataliwa
status-conflict = inakaguliwa
status-withdrawn = imeondolewa

reject-not-allowed = Namba yako hairuhusiwi kufanya hivi. Tafadhali muulize msimamizi wako.
reject-no-consent = Hakuna kilichohifadhiwa, kwa kuwa mtu hakukubali.
reject-incomplete = Jibu linakosekana, hakuna kilichohifadhiwa. Tafadhali andika tena.
reject-no-open-review = Hakuna swali linalosubiri jibu lako. Piga namba ya huduma kupata menyu.
reject-not-joined = Watu hawa wawili hawajaunganishwa.
reject-too-many = Watu wengi mno wanafanana. Tafadhali ongeza mwaka wa kuzaliwa au kijiji.
reject-review-which = Kuna ukaguzi zaidi ya mmoja. Tafadhali tuma na namba yake, kama { $example }.
reject-review-unknown = Hakuna ukaguzi { $n } ulio wazi. Tafadhali angalia namba.
reject-not-registered = Namba hii haijasajiliwa. Muulize mhudumu wa afya au ofisi.
reject-not-bound = Namba hii haijathibitishwa. Jibu 1 kwa ujumbe unaouliza, au piga namba ya huduma.
reject-language = Lugha hii haipo. Tafadhali chagua nyingine.
reject-numbers = Namba za usajili zimekwisha hapa. Tafadhali mwambie msimamizi wako.
reject-phone-full = Namba hii tayari ni ya watu { $limit }. Tafadhali andika namba nyingine au usiandike.
reject-births = Tarehe za kuzaliwa za mama na mtoto hazilingani. Tafadhali badilisha moja.
reject-village = Hakuna kijiji chenye namba hii. Andika ya kijiji chako.
reject-no-person = Hakuna mtu hapa mwenye namba hii. Tafadhali iangalie.
reject-no-mother = Huyu si mama, au mwaka wake wa kuzaliwa haujulikani. Tafadhali iangalie namba.
reject-which-person = Watu kadhaa hutumia simu hii. Andika tarakimu 4 za mwisho za namba yako.
reject-no-entry = Ingizo hili halipo au si lako. Tafadhali angalia orodha yako tena.
reject-entry-left = Ingizo hili liko kwenye sajili au lina swali. Tafadhali uliza ofisi.
reject-entry-used = Maingizo mengine yanategemea hili. Tafadhali ondoa hayo kwanza.
entry-registered = Usajili { $who }
reject-no-task = Kazi hii imefanyika au haipo. Tafadhali angalia orodha yako tena.
reject-no-worker = Hakuna mhudumu mwingine hapa mwenye namba hii. Tafadhali iangalie.

tasks-due = Leo: kazi { $due } za kufanya, { $late } zimechelewa. Piga namba ya huduma kuona orodha yako.
tasks-late = Kazi { $late } za wahudumu { $workers } zimechelewa. Piga namba ya huduma au waulize.
digest = { $accepted } { $accepted ->
        [one] umekubaliwa
       *[other] zimekubaliwa
    }, { $rejected } { $rejected ->
        [one] umekataliwa
       *[other] zimekataliwa
    }, { $review } inakungoja wewe.
review-question = Ukaguzi { $n }: RN ..{ $own } na ..{ $other }. Ni watu wale wale? Jibu 1 ndiyo, 2 hapana.
sex-female = mwanamke
sex-male = mwanaume
match-question = Ukaguzi { $n }: RN ..{ $own } (yako) na ..{ $other }. Ni mtu mmoja? Jibu { $n } 1=ndiyo 2=hapana 3=sijui
review-answered = Asante. Jibu lako la ukaguzi { $n } limehifadhiwa.
claim = Ofisi ya umma ilipewa namba hii. Jibu 1 kupokea ujumbe hapa, STOP kutopokea.
bound = Asante. Ujumbe utakuja kwa namba hii. Tuma STOP kuusitisha.
stopped = Hutapokea tena ujumbe wetu. Tuma START kuupokea tena.
started = Utapokea ujumbe wetu tena. Tuma STOP kuusitisha.
unknown-text = Hatujaelewa. Tuma MENYU kupata huduma, 1 au 2 kujibu swali, STOP kusitisha ujumbe.
alias-assigned = Namba yako { $old } sasa ni { $new }. Zote mbili ni halali.

## Months, in letters on screens.
month-1 = Jan
month-2 = Feb
month-3 = Mac
month-4 = Apr
month-5 = Mei
month-6 = Jun
month-7 = Jul
month-8 = Ago
month-9 = Sep
month-10 = Okt
month-11 = Nov
month-12 = Des

## Months of the Ethiopian calendar.
ethiopian-month-1 = Meskerem
ethiopian-month-2 = Tikimt
ethiopian-month-3 = Hidar
ethiopian-month-4 = Tahsas
ethiopian-month-5 = Tir
ethiopian-month-6 = Yekatit
ethiopian-month-7 = Megabit
ethiopian-month-8 = Miyazya
ethiopian-month-9 = Ginbot
ethiopian-month-10 = Sene
ethiopian-month-11 = Hamle
ethiopian-month-12 = Nehase
ethiopian-month-13 = Pagume

result-accepted = Usajili wako umefika kwenye daftari la umma. Kwa maswali muulize mhudumu wa afya.

## Majukumu, PIN, ridhaa, kufuta.
reject-maker-checker = Mtu mmoja hawezi kupendekeza na kuidhinisha katika eneo moja. Tafadhali chagua mtu mwingine.
reject-no-role = Hakuna jukumu kama hilo. Tafadhali hakikisha eneo na namba.
reject-pin-wrong = PIN hiyo si sahihi. Tafadhali andika tena.
reject-pin-wait = PIN zisizo sahihi ni nyingi mno. Tafadhali jaribu tena baada ya saa moja.
reject-pin-locked = PIN hii imefungwa. Tafadhali mwone mhudumu wa afya aibadilishe.
reject-pin-weak = PIN hiyo ni rahisi kukisia. Tafadhali andika nyingine.
reject-pin-length = Tafadhali andika tarakimu 6.
reject-pin-set = Una PIN tayari. Tafadhali chagua kuibadilisha.
reject-pin-none = Namba hii haina PIN. Tafadhali weka moja, au mwone mhudumu wa afya.
reject-pin-worker = Tafadhali mwone mhudumu wa afya ili kuweka PIN yako.
reject-pin-first = Tafadhali andika PIN yako kwanza.
reject-pin-who = Tafadhali andika kwanza tarakimu 4 za mwisho za namba yako ya usajili.
reject-pin-sms = PIN haiulizwi kwa SMS. Tafadhali piga namba ya huduma.
reject-second-person = Mhudumu mwingine wa afya lazima afanye hili.
reject-unknown-number = Hakuna mtu hapa mwenye namba hii. Tafadhali ihakikishe.
pin-was-reset = PIN ya namba hii imebadilishwa. Si wewe? Tafadhali mwone mhudumu wa afya mapema.
consent-withdrawn = Umeondoa ridhaa yako. Inaanza sasa hivi.
reject-second-officer = Mtu wa pili lazima aidhinishe, na mmoja wao awe ofisa.
## Proof of registration.
reject-slip-none = Hakuna usajili halali wenye namba hii. Tafadhali kagua namba.
reject-slip-key = Kituo hiki bado hakiwezi kutoa msimbo. Kwanza lazima kiwasiliane na makao makuu.
slip-code = Msimbo { $code }. Mtu auonyeshe pamoja na namba na mwaka wa kuzaliwa. Kukagua: CHECK msimbo namba mwaka.
slip-code-own = Ofisi ya umma imekupa msimbo { $code }. Uonyeshe pamoja na namba yako na mwaka wa kuzaliwa.
slip-valid = Ni halali. Kituo cha eneo hili kilitoa msimbo huu { $month } kwa namba na mwaka huu.
slip-not-valid = Si halali hapa kwa namba na mwaka huu. Msimbo wa eneo lingine uulizwe ofisini.
slip-revoked = Umefutwa. Usajili huu si halali tena.
slip-unreadable = Msimbo, namba au mwaka una kosa. Tuma: CHECK msimbo namba mwaka.
slip-title = Uthibitisho wa usajili
slip-how = Tunza karatasi hii. Inaposomwa utaulizwa namba yako na mwaka wa kuzaliwa.
reject-reference = Orodha haikuchapishwa: { $finding }

## Matangazo yanayoidhinishwa na mtu wa pili.
broadcast-question = Tangazo { $n }: watu { $people }, sehemu { $parts }, bei { $price }. Maandishi yanafuata. Jibu NDIYO { $n } au HAPANA { $n }.
broadcast-approved = Asante. Tangazo { $n } linaanza.
broadcast-refused = Asante. Tangazo { $n } halitatumwa.
reject-no-proposal = Hakuna tangazo linalosubiri kwa namba hii. Limejibiwa au muda umepita.
reject-own-proposal = Wewe ndiye uliyependekeza tangazo hili. Mtu mwingine lazima aamue.

## Tahadhari.
alert-raised = TAHADHARI: { $alert }
alert-more = TAHADHARI, zaidi: { $alert }
alert-clear = HALI SALAMA: { $alert }
alert-after-stop = Hutumwa hata baada ya STOP, kwa kuwa maisha yako hatarini.
alert-begun = Asante. Maneno yako yanaenda sasa kwa watu wa eneo lako.
reject-alert = Tahadhari ina herufi 1 hadi 300. Tafadhali ifupishe.
reject-no-alert = Hakuna tahadhari katika eneo hili. Tuma TAHADHARI na maneno.

## Nani yuko kwenye simu, kabla ya mambo binafsi.
prove-pin = PIN yako?
prove-pin-of = PIN yako? Kama huna bado, mwone mhudumu wa afya.
prove-new = Chagua PIN ya tarakimu 6 ambayo hakuna anayeweza kukisia. Inafungua mambo binafsi.
prove-digits = Watu kadhaa wanatumia simu hii. Tarakimu 4 za mwisho za namba yako ya usajili?

## Nani amesoma nini.
reader-own = wewe mwenyewe
reader-health-worker = mhudumu wa afya
reader-vendor = muuzaji
reader-clerk = karani
reader-officer = afisa
reader-administrator = msimamizi
reader-auditor = mkaguzi
reader-system = mfumo mwingine
read-own = rekodi yako
read-case = rekodi
read-list = orodha
read-task = kazi
read-search = utafutaji
read-console = ofisini
read-registry = daftari
read-export = uhamisho
read-report = ripoti
read-review = ulinganisho
read-many = Mtu mmoja amesoma rekodi zaidi ya { $limit } kwa saa moja. Tafadhali angalia kumbukumbu za usomaji.
read-exported = Taarifa binafsi zimetolewa nje. Tafadhali angalia kumbukumbu za usomaji.

household-head = mkuu wa kaya
household-spouse = mume au mke
household-child = mtoto
household-other = mwanakaya mwingine
reject-no-household = Mtu huyu hayumo katika kaya yoyote hapa.
reject-same-household = Wote wawili tayari wako katika kaya moja.
reject-given = Hiki kimeshatolewa kwa kipindi hiki. Hakuna kilichohifadhiwa.
reject-ask-hub = Ofisi ya wilaya ndiyo huamua kuhusu kaya hii. Hakuna kilichohifadhiwa.
reject-ask-node = Kituo kilichosajili kaya hii ndicho huamua. Hakuna kilichohifadhiwa.
reject-unit = Zaidi ya { $limit } wanahusiana hapa. Tafadhali uliza ofisi ya wilaya.

## Pages of the district office.
reject-sign-in = Namba, wadhifa au nenosiri si sahihi. Baada ya mara tatu subiri saa moja, baada ya mara sita mwone msimamizi.
reject-reason = Tafadhali andika sababu, herufi { $limit } au chini, bila majina.

confirm = Ofisi ya umma ina namba hii. Bado unaitumia? Jibu 1 kwa ndiyo, 2 kwa hapana.
claim-shared = Ofisi ya umma imepewa namba hii kwa mtu mwingine. Jibu 1 kama mnaitumia pamoja, 3 kama ni yako peke yako, 2 kama si sahihi.
denied = Asante. Hakuna jambo binafsi litakalokuja tena kwa namba hii.
change-asked = Taarifa zako zinabadilishwa. Si wewe? Jibu HAPANA { $code }
change-asked-stopped = Sheria inatutaka tukuambie, hata baada ya STOP: taarifa zako zinabadilishwa. Si wewe? Jibu HAPANA { $code }
change-stopped = Mabadiliko ya taarifa zako yamesimamishwa. Yote yabaki kama awali.
reject-change-none = Hakuna mabadiliko yanayosubiri hapa.
reject-change-open = Kuna mabadiliko yanayosubiri. Tafadhali yasimamishe kwanza.
reject-change-same = Tafadhali andika namba nyingine, si hii.
reject-change-pin = Bado hana PIN hapa. Tafadhali irudishe kwanza, achague mpya.
reject-change-held = Namba hii imethibitishwa. Tafadhali ibadilishe chini ya Taarifa zangu, kwa PIN yake.

staff-pin = PIN yako ya kazi?
staff-code = Namba ya mara moja kutoka ofisi yako (tarakimu 8)?
staff-new = Chagua PIN ya kazi ya tarakimu 6 ambayo hakuna anayeweza kukisia. Inafungua kazi yako.
staff-code-none = Hakuna PIN ya kazi hapa. Tafadhali omba namba ya mara moja ofisini kwako.
staff-code-wrong = Namba hiyo si sahihi. Tafadhali andika tena tarakimu zake 8.
staff-pin-locked = PIN hii imefungwa. Tafadhali omba namba mpya ya mara moja ofisini kwako.
reject-staff-pin = Hii hufunguka kwa PIN yako ya kazi. Tafadhali piga namba ya huduma.
erased = Taarifa tulizoombwa kufuta zimefutwa. Huhitaji kujibu.
